"""A sweep of courses that tests read: two treatments, one combination, early and late."""

HEAD = """\
title = "T"
scenario = "injury_heals_pain_stays"
seeds = 2
set = ['duration="16 weeks"']
reference = "untreated"
[[arm]]
name = "untreated"
[combinations]
"both of them" = ["gabapentin", "ketamine"]
"""
COURSES = """
[[course]]
name = "early"
start = "3 d"
stop = "31 d"
treatments = ["gabapentin", "ketamine"]
combinations = "all"
[[course]]
name = "late"
start = "28 d"
stop = "56 d"
treatments = ["gabapentin", "ketamine", "capsaicin_patch"]
combinations = ["both of them"]
"""

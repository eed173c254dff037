"""Makes the tasks of this folder, in the layout of DiscoveryBench: a table with known relations and metadata that names
them. Nothing in it is real. Run in this folder; the seed is fixed."""

import csv
import json
import random

generator = random.Random(11)
rows = []
for _ in range(160):
    schooling = generator.gauss(13, 2.5)
    commute = generator.gauss(35, 12)
    region = generator.choice(["north", "south", "west"])
    member = generator.choice(["yes", "no"])
    noise = [generator.gauss(0, 1) for _ in range(4)]
    income = 1500 + 180 * (schooling - 13) - 14 * (commute - 35) + 300 * generator.gauss(0, 1)
    sport = 3 + 1.2 * (region == "south") + 0.8 * (member == "yes") + generator.gauss(0, 1)
    rows.append([round(schooling, 2), round(commute, 1), region, member, round(income), round(sport, 2), *[round(v, 3) for v in noise]])

header = ["schooling_years", "commute_minutes", "region", "club_member", "income", "sport_hours", "shoe_size", "siblings", "street_number", "rainfall"]
with open("wellbeing/survey.csv", "w", newline="") as file:
    csv.writer(file, lineterminator="\n").writerows([header, *rows])


def query(qid, question, hypothesis, target="", relevant=()):
    return {
        "qid": qid,
        "question": question,
        "question_type": "variable",
        "target_col": target,
        "relevant_cols": list(relevant),
        "true_hypothesis": hypothesis,
    }


def write(number, queries):
    columns = [{"name": name, "description": "synthetic"} for name in header]
    metadata = {
        "id": number,
        "domain": "synthetic",
        "workflow_tags": "regression",
        "domain_knowledge": "",
        "datasets": [{"name": "survey.csv", "description": "a synthetic survey", "columns": {"raw": columns}}],
        "hypotheses": {"main": [], "intermediate": []},
        "queries": [queries],
    }
    with open(f"wellbeing/metadata_{number}.json", "w") as file:
        json.dump(metadata, file, indent=1)
        file.write("\n")


write(0, [
    query(0, "What raises income?", "Schooling years have a positive relation with income.", "income", ["schooling_years"]),
    query(1, "What goes with low income?", "Income: a longer commute (commute_minutes) goes with a lower income."),
    query(2, "What else matters?", "Luck matters most."),
])
write(1, [
    query(0, "Who does more sport?", "Sport hours depend on region and club membership.", "sport_hours", ["region", "club_member"]),
])

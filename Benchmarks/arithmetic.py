"""Embedding arithmetic on digits: does picture + sound find both better than either alone?

    python3 Benchmarks/arithmetic.py BINDERY RUN DATA

BINDERY is the tool, RUN a model trained by recipes/digits-bind.yaml, DATA the folder that holds mnist/ and fsdd/. A question is the
picture of one digit plus the recording of another; answers are the other 4,999 pictures, right those of either digit. What
`bindery similarity --plus` prints is the cosine of the same sum. Printed: mean average precision over 500 drawn questions.
"""
import csv
import subprocess
import sys
import tempfile

import numpy as np

tool, run, data = sys.argv[1:4]


def embedded(kind, table):
    with tempfile.TemporaryDirectory() as folder:
        out = folder + "/v.npy"
        command = [tool, "embed", run, "--as", kind, "--manifest", table, "--column", "path", "--out", out]
        subprocess.run(command, check=True, stderr=subprocess.DEVNULL)
        labels = [row["label"] for row in csv.DictReader(open(table))]
        return np.load(out), np.array(labels)


def precision(scores, right):
    right = right[np.argsort(-scores, kind="stable")]
    return (np.cumsum(right) / np.arange(1, len(right) + 1))[right].mean()


pictures, shown = embedded("image", data + "/mnist/val.csv")
sounds, said = embedded("audio", data + "/fsdd/val.csv")
random = np.random.default_rng(0)
rows = []
while len(rows) < 500:
    picture, sound = random.integers(len(pictures)), random.integers(len(sounds))
    if shown[picture] == said[sound]:
        continue
    others = np.arange(len(pictures)) != picture
    answers = pictures[others]
    right = np.isin(shown[others], [shown[picture], said[sound]])
    questions = [pictures[picture] + sounds[sound], pictures[picture], sounds[sound]]
    rows.append([precision(answers @ question, right) for question in questions] + [right.mean()])
rows = np.array(rows)
draws = random.integers(len(rows), size=(2000, len(rows)))
for name, column in zip(["picture + sound", "picture alone", "sound alone", "chance"], rows.T):
    low, high = np.quantile(column[draws].mean(1), [0.025, 0.975])
    print(f"{100 * column.mean():5.1f} %  {name}  ({100 * low:.1f} to {100 * high:.1f})")
gain = rows[:, 0] - rows[:, 1:3].max(1)
low, high = np.quantile(gain[draws].mean(1), [0.025, 0.975])
print(f"{100 * gain.mean():+5.1f}    above the better of both  ({100 * low:+.1f} to {100 * high:+.1f})")

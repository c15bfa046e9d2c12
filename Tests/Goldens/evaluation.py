"""Writes evaluation/*.json: what scikit-learn finds on small made data."""
import json
import os

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score, roc_auc_score
from sklearn.preprocessing import StandardScaler

folder = os.path.join(os.path.dirname(os.path.abspath(__file__)), "evaluation")
os.makedirs(folder, exist_ok=True)
random = np.random.default_rng(0)


def rounded(array, digits=6):
    return [round(float(x), digits) for x in np.asarray(array).reshape(-1)]


labels = random.integers(0, 3, 60)
centres = random.normal(size=(3, 5))
features = np.round(centres[labels] * 0.7 + random.normal(size=(60, 5)) * [1, 2, 0.5, 10, 1] + [0, 5, 0, -20, 0], 4)
features[:, 4] = 3
test = np.round(features[:20] + random.normal(size=(20, 5)) * 0.5, 4)
fits = {}
for c in (0.01, 1.0, 100.0):
    scaler = StandardScaler().fit(features)
    model = LogisticRegression(C=c, max_iter=10000, tol=1e-10).fit(scaler.transform(features), labels)
    fits[str(c)] = rounded(model.predict_proba(scaler.transform(test)))
scores = np.round(random.normal(size=(40, 3)), 1)
shown = random.random((40, 3)) < 0.3
with open(os.path.join(folder, "scikit.json"), "w") as file:
    json.dump({
        "features": rounded(features), "labels": labels.tolist(), "test": rounded(test), "probabilities": fits,
        "scores": rounded(scores), "shown": shown.astype(int).reshape(-1).tolist(),
        "precisions": [average_precision_score(shown[:, c], scores[:, c]) for c in range(3)],
        "areas": [roc_auc_score(shown[:, c], scores[:, c]) for c in range(3)],
    }, file)

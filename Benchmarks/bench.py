"""Times Bindery and its peers side by side: A B A B in one run, with the same inputs, weights and threads.

    python bench.py [NAME…] [--threads 2 1] [--repeat 7] [--isa avx2] [--json F] [--markdown F]

Rows of one thread end in `_1t`. `ratio` is the median of the peer's wall times over the median of ours; `cpu_ratio` is
the same of processor time, which a busy machine disturbs less. A turn repeats work that is short.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
TOOL = os.path.join(HERE, "..", ".build", "release", "bindery")

# What each row has to reach, and how far results may differ, relative to the largest number.
ROWS = {
    "cnn14_forward_b1": (4, 1e-4),
    "cnn14_forward_b8": (3, 1e-4),
    "cnn14_train_b8": (2.2, 2e-2),
    "vit_b32_forward_b1": (1.6, 1e-4),
    "vit_b32_forward_b16": (1.1, 1e-4),
    "vit_b32_train_b8": (1.1, 2e-2),
    "htsat_forward_b1": (1.2, 1e-4),
    "htsat_forward_b8": (1.1, 1e-4),
    "htsat_train_b4": (1.1, 2e-2),
    "clip_text_forward_b1": (1.6, 1e-4),
    "clip_text_forward_b64": (1.1, 1e-4),
    "minilm_b32": (1.2, 1e-4),
    "logmel_44k_torch": (2, 1e-3),
    "logmel_48k_torch": (3, 1e-3),
    "logmel_44k_librosa": (3, 1e-3),
    "logmel_44k_torchlibrosa": (6, 1e-3),
    "infonce_8192": (2, 1e-3),
    "infonce_32768": (None, None),
    "adamw_8m": (1, 1e-4),
    "topk_1m_q1": (1, 1e-5),
    "topk_1m_q1_int8": (3.5, 1e-5),
    "topk_1m_q64": (1.4, 1e-5),
    "images_200": (1.5, 1e-6),
    "cold_start_clip": (15, None),
    "esc10_train": (2, 0.3),
}

# Where ONNX Runtime is a second opponent.
ONNX = {"cnn14_forward_b1", "cnn14_forward_b8", "vit_b32_forward_b1", "vit_b32_forward_b16"}

# What asks PyTorch and its libraries to do without AVX-512; ONNX Runtime has no such switch.
AVX2 = {
    "ATEN_CPU_CAPABILITY": "avx2", "ONEDNN_MAX_CPU_ISA": "AVX2", "DNNL_MAX_CPU_ISA": "AVX2",
    "MKL_ENABLE_INSTRUCTIONS": "AVX2",
}

# Arithmetic of one run in GFLOP, where it says something.
GFLOP = {
    "cnn14_forward_b1": 27.6, "cnn14_forward_b8": 220.8, "cnn14_train_b8": 662.4, "vit_b32_forward_b1": 8.82,
    "vit_b32_forward_b16": 141.1, "vit_b32_train_b8": 211.7, "clip_text_forward_b1": 5.96,
    "clip_text_forward_b64": 381.4, "minilm_b32": 10.95, "infonce_8192": 206, "infonce_32768": 4398,
    "topk_1m_q1": 1.02, "topk_1m_q64": 65.5,
}


# A turn lasts about this long for the faster side, in seconds: one run of a few milliseconds after a pause would measure
# how a processor wakes up.
TURN = 0.2


class Side:
    """One process that runs when told to."""

    def __init__(self, command, isa="avx512"):
        environment = dict(os.environ, PYTHONWARNINGS="ignore", TRANSFORMERS_VERBOSITY="error", HF_HUB_OFFLINE="1")
        if isa == "avx2":
            environment.update(AVX2)
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment,
            stderr=None if os.environ.get("BENCH_VERBOSE") else subprocess.DEVNULL)
        self.wall, self.cpu = [], []
        if self.answer() != "ready":
            raise RuntimeError(f"{command[:3]} did not get ready")

    def answer(self):
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError("a side ended early; BENCH_VERBOSE=1 shows why")
        return line.strip()

    def run(self, count):
        self.process.stdin.write(f"{count}\n")
        self.process.stdin.flush()
        wall, cpu = map(float, self.answer().split())
        self.wall.append(wall)
        self.cpu.append(cpu)

    def forget(self):
        self.wall, self.cpu = [], []

    def finish(self):
        self.process.stdin.write("done\n")
        self.process.stdin.flush()
        peak = float(self.answer())
        self.process.wait()
        return peak


def measure(name, threads, repeats, isa):
    goal, tolerance = ROWS[name]
    row = {"name": name if threads == 2 else f"{name}_{threads}t", "threads": threads, "goal": goal}
    with tempfile.TemporaryDirectory() as folder:
        peer = None
        if goal is not None:
            peer = Side([sys.executable, os.path.join(HERE, "peers.py"), name, folder, str(threads)], isa)
        ours = Side(
            [TOOL, "bench", name, "--serve", "--threads", str(threads), "--isa", isa]
            + (["--in", folder] if peer else []))
        other = None
        if name in ONNX and isa == "avx512":
            other = Side([sys.executable, os.path.join(HERE, "peers.py"), name + "+onnx", folder, str(threads)])
        sides = [s for s in (ours, peer, other) if s]
        count = 1
        for number in range(repeats + 2):
            for side in sides:
                # Threads of the other side may spin for a while after their work.
                time.sleep(0.3)
                side.run(count)
            # The second run may still prepare what only repeated use pays for.
            if number == 1:
                count = max(1, round(TURN / min(side.wall[1] for side in sides)))
                for side in sides:
                    side.forget()
        row["ours_ms"] = round(1e3 * statistics.median(ours.wall), 3)
        row["ours_cpu_ms"] = round(1e3 * statistics.median(ours.cpu), 3)
        row["ours_peak_mb"] = ours.finish()
        if name in GFLOP:
            row["ours_gflops"] = round(GFLOP[name] / statistics.median(ours.wall), 1)
        if peer:
            row["peer_ms"] = round(1e3 * statistics.median(peer.wall), 3)
            row["peer_peak_mb"] = peer.finish()
            row["ratio"] = round(statistics.median(peer.wall) / statistics.median(ours.wall), 3)
            row["cpu_ratio"] = round(statistics.median(peer.cpu) / statistics.median(ours.cpu), 3)
            row["best_ratio"] = round(min(peer.wall) / min(ours.wall), 3)
            if other:
                row["best_peer_ms"] = round(1e3 * statistics.median(other.wall), 3)
                row["best_peer_ratio"] = round(statistics.median(other.wall) / statistics.median(ours.wall), 3)
                row["best_peer_cpu_ratio"] = round(statistics.median(other.cpu) / statistics.median(ours.cpu), 3)
                other.finish()
            a = np.load(os.path.join(folder, "ours.npy")).astype(np.float64)
            b = np.load(os.path.join(folder, "peer.npy")).astype(np.float64)
            same = a.shape == b.shape or a.size == b.size == 1
            error = float(np.abs(a - b).max() / np.abs(b).max()) if same else float("inf")
            row["error"] = error
            row["correct"] = bool(error <= tolerance)
    return row


def processes(name, threads, repeats, sides):
    """Whole processes, from start to end, A B A B; `sides` makes each side's command anew."""
    row = {"name": name if threads == 2 else f"{name}_{threads}t", "threads": threads, "goal": ROWS[name][0]}
    times = {side: [] for side in sides}
    for number in range(repeats):
        for side, command in sides.items():
            began = time.perf_counter()
            process = subprocess.Popen(command(number), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
            said = process.stdout.read()
            _, status, usage = os.wait4(process.pid, 0)
            if status != 0:
                raise RuntimeError(f"{side} failed: {command(number)}")
            times[side].append(
                (time.perf_counter() - began, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, said))
    for side, samples in times.items():
        row[f"{side}_ms"] = round(1e3 * statistics.median(s[0] for s in samples), 1)
        row[f"{side}_cpu_ms"] = round(1e3 * statistics.median(s[1] for s in samples), 1)
        row[f"{side}_peak_mb"] = round(max(s[2] for s in samples), 1)
    row["ratio"] = round(row["peer_ms"] / row["ours_ms"], 3)
    row["cpu_ratio"] = round(row["peer_cpu_ms"] / row["ours_cpu_ms"], 3)
    return row, {side: samples[-1][3] for side, samples in times.items()}


def cold_start(name, threads, repeats):
    """From process start to the cosine of a picture and two texts under a CLIP of published size on disk."""
    with tempfile.TemporaryDirectory() as folder:
        make = [sys.executable, os.path.join(HERE, "cold_start.py")]
        subprocess.run(make + ["make", folder], check=True, stderr=subprocess.DEVNULL)
        picture = os.path.join(folder, "picture.jpg")
        ours = [TOOL, "classify", folder, picture, "--labels", "dog,cat", "--threads", str(threads)]
        peer = make + ["embed", folder, str(threads)]
        return processes(name, threads, repeats, {"ours": lambda _: ours, "peer": lambda _: peer})[0]


def esc10_train(name, threads, repeats):
    """The whole recipe esc10-clap, features included, on the recordings of $ESC10, or on ones made here."""
    anchor = os.path.join(HERE, "..", "models", "all-MiniLM-L6-v2")
    if not os.path.isdir(anchor):
        raise RuntimeError("needs the text encoder: make anchor")
    with tempfile.TemporaryDirectory() as folder:
        script = [sys.executable, os.path.join(HERE, "esc10_train.py")]
        data = os.environ.get("ESC10", folder)
        if data == folder:
            subprocess.run(script + ["make", folder], check=True)
        recipe = os.path.join(HERE, "..", "recipes", "esc10-clap.yaml")
        ours = [TOOL, "train", recipe, "--set", f"data.root={os.path.abspath(data)}", "--threads", str(threads)]
        # The other side trains and measures nothing.
        ours += ["--set", f"space.towers.text.weights={anchor}", "--set", "evaluate=[]", "--out"]
        peer = script + ["train", data, anchor, str(threads)]
        row, said = processes(
            name, threads, max(repeats // 3, 1),
            {"ours": lambda number: ours + [os.path.join(folder, str(number))], "peer": lambda _: peer})
        with open(os.path.join(folder, "0", "log.jsonl")) as file:
            losses = [json.loads(line)["loss"] for line in file]
        # Other random numbers, so alike and not equal: the mean loss of the last epoch.
        last = sum(losses[-(len(losses) // 25):]) / (len(losses) // 25)
        row["error"] = abs(last - float(said["peer"])) / float(said["peer"])
        row["correct"] = row["error"] <= ROWS[name][1]
        return row


WHOLE = {"cold_start_clip": cold_start, "esc10_train": esc10_train}


def markdown(rows):
    lines = [
        "| name | ours ms | peer ms | ratio | goal | CPU ratio | ONNX ratio, CPU | ours MB | peer MB | GFLOP/s | off by |",
        "|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        def show(key, form="{}"):
            return form.format(row[key]) if row.get(key) is not None else ""

        lines.append(
            f"| `{row['name']}` | {show('ours_ms')} | {show('peer_ms')} | {show('ratio')} | {show('goal')} | "
            f"{show('cpu_ratio')} | {show('best_peer_ratio')} {show('best_peer_cpu_ratio', '({})')} | {show('ours_peak_mb')} | {show('peer_peak_mb')} | {show('ours_gflops')} | "
            f"{show('error', '{:.1e}')} |")
    return "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("names", nargs="*", default=[])
    parser.add_argument("--threads", nargs="*", type=int, default=[2, 1])
    parser.add_argument("--repeat", type=int, default=7)
    parser.add_argument("--isa", default="avx512")
    parser.add_argument("--json")
    parser.add_argument("--markdown")
    options = parser.parse_args()
    rows = []
    for name in options.names or ROWS:
        for threads in options.threads:
            try:
                if name in WHOLE:
                    rows.append(WHOLE[name](name, threads, options.repeat))
                else:
                    rows.append(measure(name, threads, options.repeat, options.isa))
            except Exception as error:
                print(f"{name}: {error}", file=sys.stderr)
                continue
            print(json.dumps(rows[-1]), file=sys.stderr, flush=True)
            if options.json:
                with open(options.json, "w") as file:
                    json.dump(rows, file, indent=1)
            if options.markdown:
                with open(options.markdown, "w") as file:
                    file.write(markdown(rows))
    print(markdown(rows))
    if any(row.get("correct") is False for row in rows):
        sys.exit("a result differs from the peer's")


if __name__ == "__main__":
    main()

# Every target is a line or two that a person can type; `make help` lists them.

PACKAGES = pkg-config libopenblas-dev libfftw3-dev libsndfile1-dev libsoxr-dev libturbojpeg0-dev libpng-dev libssl-dev zlib1g-dev libcurl4-openssl-dev
ANCHOR = models/all-MiniLM-L6-v2
BUILD = swift build -c release --product bindery --explicit-target-dependency-import-check error

.DEFAULT_GOAL := help
.PHONY: help deps build test format lint anchor bench demo docs clean

help: ## list the targets
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

deps: ## install the system libraries that are missing (Debian, Ubuntu)
	@missing=$$(for p in $(PACKAGES); do dpkg-query -W -f='$${Status}\n' $$p 2>/dev/null | grep -q 'ok installed' || echo $$p; done); \
	if [ -n "$$missing" ]; then \
	  sudo=$$([ "$$(id -u)" = 0 ] || echo sudo); \
	  $$sudo apt-get update -qq && DEBIAN_FRONTEND=noninteractive $$sudo apt-get install -y --no-install-recommends $$missing; \
	fi

build: deps ## build the tool: .build/release/bindery
	$(BUILD)

test: deps lint ## everything: format, floors, tests (in release, as numeric loops need it)
	swift test -c release --scratch-path .build/tests --explicit-target-dependency-import-check error

lint: ## the format gate
	@git ls-files -z '*.swift' | xargs -0 swift format lint --strict --parallel

format: ## format every source
	git ls-files -z '*.swift' | xargs -0 swift format format --in-place --parallel

anchor: $(ANCHOR)/model.safetensors ## put the text anchor all-MiniLM-L6-v2 under models/ (91 MB, once)

$(ANCHOR)/model.safetensors:
	Benchmarks/anchor.sh $(ANCHOR)

bench: build ## our speed beside PyTorch's; ARGS="NAME… --json F" for some rows and their figures
	@test -x Benchmarks/.venv/bin/python || python3 -m venv Benchmarks/.venv
	@Benchmarks/.venv/bin/pip install --quiet --disable-pip-version-check -r Benchmarks/requirements.txt
	Benchmarks/.venv/bin/python Benchmarks/bench.py $(ARGS)

demo: build ## the whole promise in about two minutes: sounds read by words that they never met
	rm -rf runs/demo
	.build/release/bindery demo --out runs/demo

docs: ## every public symbol with its comment, as symbol graphs below .build
	swift package dump-symbol-graph --minimum-access-level public

clean: ## remove what was built
	rm -rf .build

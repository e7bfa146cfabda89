# The commands of the portal. A fresh Debian or Ubuntu needs Python 3.11 or later with venv, make, and nothing else.

PORT ?= 8000
SITE_URL ?= http://127.0.0.1:$(PORT)
export PORT SITE_URL
export PIP_DISABLE_PIP_VERSION_CHECK = 1
export PIP_ROOT_USER_ACTION = ignore

VENV = .venv
RUN = $(VENV)/bin/python

.DEFAULT_GOAL = help
.PHONY: help setup demo test bench shots guide-shots messages icons clean environment packages test-packages
# The targets share one environment and one database: one after the other, whatever -j says.
.NOTPARALLEL:

help:
	@echo "make demo      prepares everything and serves the portal at $(SITE_URL)/ (PORT=8123 make demo)"
	@echo "make setup     prepares everything: packages, messages, database, static files, demonstration"
	@echo "make test      lint, types, contracts, unit, integration and browser tests"
	@echo "make bench     benchmarks"
	@echo "make shots     pictures of every public page, into var/shots/"
	@echo "make guide-shots   pictures of the editor's guide, into docs/img/guide/"
	@echo "make messages  brings the message catalogues up to date with the sources, and compiles them"
	@echo "make icons     draws the icons of the home screen anew from static/img/icon.svg"
	@echo "make clean     removes the environment and all data of the demonstration"

setup demo: export DJANGO_SETTINGS_MODULE = portal.settings.demo

setup: packages
	@$(RUN) -m portal.prepare

demo: setup
	@exec $(RUN) -m portal.serve --with-parent

test: test-packages
	@exec $(RUN) -m tests.run

bench: test-packages
	@exec $(RUN) -m pytest tests/benchmarks -o "python_files=[!_]*.py" -p no:xdist -q -s

shots: test-packages
	@exec $(RUN) -m tests.shots.pages $(WORDS)

guide-shots: test-packages
	@exec $(RUN) -m tests.shots.guide $(WORDS)

messages: test-packages
	@$(RUN) manage.py messages extract
	@$(RUN) manage.py messages compile

icons: test-packages
	@$(RUN) -m tests.icons

clean:
	rm -rf $(VENV) var .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# --- The environment -------------------------------------------------------------------------------------------------

# Made with the first Python that is recent enough, unless PYTHON names one; made anew when it no longer runs.
environment:
	@$(RUN) -c "import pip" 2>/dev/null || { \
		for name in $(PYTHON) python3 python3.14 python3.13 python3.12 python3.11; do \
			$$name -c "import sys; sys.exit(sys.version_info < (3, 11))" 2>/dev/null && found=$$name && break; \
		done; \
		test -n "$$found" || { echo "Python 3.11 or later is missing: apt-get install python3 python3-venv" >&2; exit 1; }; \
		echo "environment …"; \
		$$found -m venv --clear $(VENV) || { rm -rf $(VENV); exit 1; }; }

# Packages are installed when their list is not the one installed last, of which a copy lies in the environment.
define install
@cmp -s requirements/$(1) $(VENV)/$(1) || { rm -f $(VENV)/$(1); echo "packages of requirements/$(1) …"; \
	$(RUN) -m pip install --quiet --require-hashes --requirement requirements/$(1) && cp requirements/$(1) $(VENV)/; }
endef

packages: environment
	$(call install,base.txt)

test-packages: environment
	$(call install,test.txt)

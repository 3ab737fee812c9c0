"""Says what is checked, line by line, and counts."""

import faulthandler
import signal
import sys
import time
import traceback


class Failed(Exception):
    """A check did not hold; already printed."""


class TookTooLong(Exception):
    """Something never ended."""


class Skipped(Exception):
    """A test can't run here; the reason is its text."""


class Checks:
    """One test's checks. A failed one is printed and remembered; the test goes on unless it says `must`."""

    def __init__(self, test):
        self.test = test
        self.passed = 0
        self.failed = []

    def that(self, what, holds, detail=""):
        if holds:
            self.passed += 1
            print(f"  ok    {what}", flush=True)
        else:
            self.failed.append(what)
            print(f"  FAIL  {what}{': ' + str(detail)[:600] if detail != '' else ''}", flush=True)
        return bool(holds)

    def equal(self, what, found, expected):
        return self.that(what, found == expected, f"found {found!r}, expected {expected!r}")

    def must(self, what, holds, detail=""):
        if not self.that(what, holds, detail):
            raise Failed(what)

    def note(self, text):
        print(f"        {text}", flush=True)


# Seconds for one test. The longest take a minute on two cores.
LIMIT = 600


def give_up(*_):
    faulthandler.dump_traceback(sys.stdout)
    raise TookTooLong(f"not done after {LIMIT} s")


def attempt(name, function):
    """Runs a test: its outcome, its checks, and the seconds that it took."""
    checks = Checks(name)
    began = time.monotonic()
    outcome = "passed"
    signal.alarm(LIMIT)
    try:
        function(checks)
    except Failed:
        pass
    except Skipped as reason:
        outcome = f"skipped: {reason}"
    except Exception:
        traceback.print_exc(file=sys.stdout)
        checks.failed.append("ended by an error, see above")
    finally:
        signal.alarm(0)
    return "FAILED" if checks.failed else outcome, checks, time.monotonic() - began


def run(tests, again=False):
    """Runs `(name, function)` pairs; prints a summary; returns the exit code.

    With `again` a test that fails is run once more: what fails twice is broken, what holds then is unsteady, and is told. More than two of those fail.
    """
    results = []
    signal.signal(signal.SIGALRM, give_up)
    for name, function in tests:
        print(f"{name}: {(function.__doc__ or '').strip().splitlines()[0] if function.__doc__ else ''}", flush=True)
        outcome, checks, seconds = attempt(name, function)
        if again and outcome == "FAILED":
            print(f"{name}: once more", flush=True)
            first = checks.failed
            outcome, checks, more = attempt(name, function)
            seconds += more
            if outcome == "passed":
                outcome = "UNSTEADY: the first time: " + "; ".join(first)
        results.append((name, outcome, checks, seconds))
    print()
    for name, outcome, checks, seconds in results:
        print(f"{outcome.split(':')[0]:8}{name:14}{checks.passed:4} checks {seconds:6.1f} s  "
              + ("; ".join(checks.failed) if checks.failed else outcome.partition(": ")[2]))
    failed = sum(1 for _, outcome, _, _ in results if outcome == "FAILED")
    unsteady = sum(1 for _, outcome, _, _ in results if outcome.startswith("UNSTEADY"))
    total = sum(checks.passed for _, _, checks, _ in results)
    print(f"{len(results)} end-to-end tests, {failed} failed, {total} checks held", flush=True)
    return 1 if failed or unsteady > 2 else 0

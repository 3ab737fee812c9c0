"""A PostgreSQL server of the tests' own, on a free port and a Unix socket. It ends with the tests."""

import os
import secrets
import subprocess

from .server import free_port, root


class PostgreSQL:
    """`with PostgreSQL() as postgres:` starts one."""

    user = "holdfast"
    password = "correct horse"

    def __init__(self, *settings, apart=None):
        """`apart`: another machine to start it on."""
        self.port = free_port()
        script = [str(root / "Tests" / "Support" / "postgres-cluster"), str(self.port), *settings]
        surroundings = dict(os.environ)
        if apart:
            script = [*apart.inside, *script]
            surroundings |= {"POSTGRES_ADDRESS": apart.there, "POSTGRES_ADMITS": f"{apart.here}/32"}
        # The script stops the server when its standard input closes, which it does with us.
        self.process = subprocess.Popen(script, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=surroundings)
        word, _, self.folder = self.process.stdout.readline().strip().partition(" ")
        if word != "ready":
            raise RuntimeError(f"PostgreSQL did not start: {word} {self.folder}")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        self.process.stdin.close()
        self.process.wait(30)

    def url(self, prefix, host=None):
        """For --database; over the Unix socket, where no password is asked for, unless `host` is given."""
        if host:
            return f"postgres://{self.user}@{host}:{self.port}/{prefix}?sslmode=verify-full&sslrootcert={self.folder}/server.crt"
        return f"postgres://{self.user}@:{self.port}/{prefix}?host={self.folder}"

    def show_rules(self):
        """Lets our role see who may connect, for AZ-7."""
        self.administer(f"GRANT SELECT ON pg_hba_file_rules TO {self.user}; GRANT EXECUTE ON FUNCTION pg_hba_file_rules() TO {self.user}")

    def administer(self, statements, database="postgres"):
        """Runs statements as the server's superuser."""
        done = subprocess.run(["psql", "-X", "-q", "-A", "-t", "-h", self.folder, "-p", str(self.port), "-U", "postgres", "-d", database,
                               "-v", "ON_ERROR_STOP=1", "-c", statements], capture_output=True, text=True)
        if done.returncode != 0:
            raise RuntimeError(f"psql: {done.stderr}")
        return done.stdout.strip()


def some_prefix():
    return "t" + secrets.token_hex(5)

"""The branch of a repository that receipts live on: one file, fast-forward only, never forced.

The commit that this clone pulled or pushed last stands in ``refs/lebots/receipts/ACCOUNT``. A push
goes on top of that one, so that the remote refuses whoever has not seen the newest receipt.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from lebots.core.did_you_mean import did_you_mean
from lebots.core.quoting import command, quoted
from lebots.errors import AccountError, Refused, UsageError
from lebots.git.repository import Repository

FILE = "receipt.json"
"""The name of the receipt on its branch."""
_PURPOSE = "a receipt in git"
_PASSED_ON = re.compile(r"GIT_CONFIG_(COUNT|(KEY|VALUE)_\d+)|SSH_AUTH_SOCK|GIT_ASKPASS|SSH_ASKPASS")
"""What git needs of the environment to log in to the remote; lebots.yaml cannot set it."""
_REMOTE = (
    *("-c", "protocol.https.allow=always"),
    *("-c", "protocol.ssh.allow=always"),
    *("-c", "protocol.file.allow=always"),
)
_WHO = {
    f"GIT_{role}_{what}": value
    for role in ("AUTHOR", "COMMITTER")
    for what, value in {"NAME": "lebots", "EMAIL": "lebots@localhost"}.items()
}
_NONE = 2
"""What ``git ls-remote --exit-code`` ends with where there is no such branch."""


@dataclass(frozen=True)
class ReceiptBranch:
    """The receipts of one account, at one remote."""

    repository: Repository
    remote: str
    account: str

    @classmethod
    def of(
        cls, folder: Path, environment: Mapping[str, str], remote: str, account: str
    ) -> "ReceiptBranch":
        """The branch of an account; raises UsageError where there is no repository or remote."""
        repository = Repository.around(folder, environment, _PURPOSE)
        login = {n: value for n, value in environment.items() if _PASSED_ON.fullmatch(n)}
        own = replace(repository, environment={**repository.environment, **login, **_WHO})
        remotes = own.output(["remote"]).decode("utf-8", "replace").split()
        if remote not in remotes:
            hint = did_you_mean(remote, remotes, f"there are {', '.join(remotes) or 'none'}")
            raise UsageError(f"the repository has no remote {quoted(remote)}{hint}")
        found = cls(own, remote, account)
        if own.run(["check-ref-format", found.name]).returncode:
            raise UsageError(f"git takes no branch {quoted(found.name)}; rename the account")
        return found

    @property
    def name(self) -> str:
        """The branch, in full."""
        return f"refs/heads/lebots-receipts/{self.account}"

    def pull(self, most: int) -> bytes | None:
        """The newest receipt, of at most ``most`` bytes; None where there is none yet.

        Raises AccountError where the remote cannot be read, Refused for another content.
        """
        ran = self._remotely("ls-remote", "--exit-code", self.remote, self.name)
        if ran == _NONE:
            return None
        if ran or self._remotely(
            *("fetch", "--quiet", "--no-tags", "--no-recurse-submodules", "--no-write-fetch-head"),
            *(self.remote, f"+{self.name}:{self._seen}"),
        ):
            raise self._unreachable("read", "ls-remote")
        files = {one.path: one for one in self.repository.files(self._seen, [FILE])}
        if FILE not in files or files[FILE].size > most:
            raise Refused(f"{self.name} has no {FILE} of lebots; look at who pushed to it")
        blob = files[FILE].blob
        return self.repository.contents([blob])[blob]

    def push(self, content: bytes, message: str) -> str:
        """Adds a receipt on top of the one this clone has seen; the new commit.

        Raises Refused where the branch went on meanwhile, AccountError where it cannot be written.
        """
        git = self.repository
        blob = git.output(["hash-object", "-w", "--stdin"], content).decode().strip()
        entry = f"100644 blob {blob}\t{FILE}\n".encode()
        tree = git.output(["mktree"], entry).decode().strip()
        seen = git.run(["rev-parse", "--verify", "--quiet", self._seen])
        parent = ["-p", seen.stdout.decode().strip()] if seen.returncode == 0 else []
        commit = git.output(["commit-tree", tree, *parent, "-m", message]).decode().strip()
        if self._remotely("push", "--quiet", self.remote, f"{commit}:{self.name}"):
            there = self._remotely("ls-remote", "--exit-code", self.remote, self.name)
            if there == 0 and not self._is_newest(parent):
                raise Refused(
                    "another run pushed a receipt that this one has not seen; "
                    f"`{command('lebots', 'receipt', 'pull', 'FILE', '--account', self.account)}`, "
                    "then plan again and push the receipt of that apply"
                )
            raise self._unreachable("written", "push")
        git.output(["update-ref", self._seen, commit])
        return commit

    @property
    def _seen(self) -> str:
        return f"refs/lebots/receipts/{self.account}"

    def _is_newest(self, parent: list[str]) -> bool:
        """Whether what this clone has seen is what the remote has."""
        ran = self.repository.run([*_REMOTE, "ls-remote", self.remote, self.name])
        return bool(parent) and ran.stdout.split()[:1] == [parent[1].encode()]

    def _remotely(self, *arguments: str) -> int:
        return self.repository.run([*_REMOTE, *arguments]).returncode

    def _unreachable(self, what: str, verb: str) -> AccountError:
        # git's own words may hold the address with a login in it.
        return AccountError(
            f"{self.name} at {quoted(self.remote)} cannot be {what}; "
            f"`git {verb} {self.remote}` says why"
        )

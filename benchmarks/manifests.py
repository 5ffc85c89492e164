"""Manifests of any number of bots: two on each skill for failover, ten on each key."""

from pathlib import Path

_SKILL = """\
apiVersion: lebots/v1
kind: Skill
metadata:
  name: bench-{number}
spec:
  description: Conversations of the bots {number}
"""
_KEY = """\
apiVersion: lebots/v1
kind: Key
metadata:
  name: bench-{number}
spec:
  type: oauth2
  description: Login of the bots {number}
"""
_BOT = """\
apiVersion: lebots/v1
kind: BotUser
metadata:
  name: bench-bot-{number}
spec:
  fullName: Bench bot {number}
  nickname: Ava
  email: bots@example.com
  pictureUrl: https://cdn.example.com/ava.png
  profiles: [Agent]
  skills: [bench-{skill}]
  agentGroup: Bots
  key: bench-{key}
  maxAsyncChats: 25
  enabled: true
"""
_PER_SKILL, _PER_KEY, _PER_FILE = 2, 10, 200


def write_manifests(folder: Path, bots: int) -> int:
    """Writes them and returns how many objects they declare."""
    folder.mkdir(parents=True)
    skills = [_SKILL.format(number=n) for n in range(-(-bots // _PER_SKILL))]
    keys = [_KEY.format(number=n) for n in range(-(-bots // _PER_KEY))]
    users = [_BOT.format(number=n, skill=n // _PER_SKILL, key=n // _PER_KEY) for n in range(bots)]
    for name, documents in (("skills", skills), ("keys", keys), ("bots", users)):
        for start in range(0, len(documents), _PER_FILE):
            text = "---\n".join(documents[start : start + _PER_FILE])
            (folder / f"{name}-{start:05}.yaml").write_text(text, encoding="utf-8")
    return len(skills) + len(keys) + len(users)

"""What the account does with a well-formed request: list, get, create, update, delete.

Everything here runs inside one transaction of the store, which the application opens and ends.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from lebots.sandbox.errors import ApiError
from lebots.sandbox.http.lag import Snapshot
from lebots.sandbox.logins import rights
from lebots.sandbox.logins.rights import NOBODY_ASKED, Caller
from lebots.sandbox.objects import selector
from lebots.sandbox.objects.changes import accepted
from lebots.sandbox.objects.fields import Json
from lebots.sandbox.objects.le_users import root_group
from lebots.sandbox.objects.records import dumps
from lebots.sandbox.objects.resource import ROOT_GROUP, Context, Resource, View

FORCE = "-1"


@dataclass(frozen=True)
class Call:
    """A request, taken apart and checked for form."""

    resource: Resource
    id: str | None
    """None: the whole collection."""
    version: float
    selection: selector.Selection | None = None
    include_deleted: bool = False
    with_users: bool = False
    query: Mapping[str, str] = field(default_factory=dict)
    """Its parameters, as they were sent."""
    if_match: str | None = None
    body: Any = None
    caller: Caller = NOBODY_ASKED
    earlier: Snapshot | None = None
    """What a list that lags shows instead of the present."""


@dataclass(frozen=True)
class Answer:
    """What is answered; without `body`, nothing."""

    status: int
    body: Any = None
    revision: int | None = None
    created_id: str | None = None


class Operations:
    """The verbs, for any resource."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def read(self, call: Call) -> Answer:
        """GET of a collection or of one object; 304 if the caller has the current revision [D]."""
        revision = self._revision(call.resource)
        if revision is not None and call.earlier is not None:
            revision = call.earlier.revision
        if revision is not None and call.if_match == str(revision):
            return Answer(304, revision=revision)
        if call.id is None:
            body: Any = self._list(call)
        else:
            body = self._shown(call, [self._find(call, call.id, reading=True)])[0]
        return Answer(200, body, revision)

    def create(self, call: Call) -> Answer:
        """POST of one object or of an array of them."""
        if self._context.rules.post_if_match == "checked" and call.if_match is not None:
            self._check_revision(call)
        many = isinstance(call.body, list) and not call.resource.app_install
        items = self._array(call.body) if many else [call.body]
        objects = self._each(call, items, lambda sent: self._create_one(call, sent))
        answer = self._written(call, call.resource.created_status, objects, many=many)
        return self._installed(answer) if call.resource.app_install else answer

    def update(self, call: Call) -> Answer:
        """PUT of one whole object, or of an array of them with their ids."""
        self._check_revision(call)
        many = call.id is None
        items = self._array(call.body) if many else [call.body]
        objects = self._each(call, items, lambda sent: self._update_one(call, sent))
        return self._written(call, 200, objects, many=many)

    def delete(self, call: Call) -> Answer:
        """DELETE of one object, or of the ids in the body."""
        self._check_revision(call)
        many = call.id is None
        items = self._array(call.body) if many else [call.id]
        objects = self._each(call, items, lambda object_id: self._delete_one(call, object_id))
        answer = self._written(call, 200, objects, many=many)
        if self._context.rules.delete_answer == "empty":
            return Answer(200, revision=answer.revision)
        return answer

    # One object

    def _create_one(self, call: Call, body: Any) -> Json:
        sent = self._object(body)
        old = self._replaced_by_post(call, sent)
        new = accepted(self._context, call.resource, sent, old)
        rights.guard(call.caller, call.resource.collection, old, new)
        self._context.store.save([call.resource.record(new)])
        return new

    def _replaced_by_post(self, call: Call, sent: Json) -> Json | None:
        """One client changes an application by POSTing it with its id (5a [C])."""
        if not call.resource.app_install or self._context.rules.post_existing_id == "creates":
            return None
        store, collection = self._context.store, call.resource.collection
        sent_id = str(sent.get("id", ""))
        return store.get(collection, sent_id) if store.exists(collection, sent_id) else None

    def _update_one(self, call: Call, body: Any) -> Json:
        sent = self._object(body)
        object_id = call.id or str(sent.get("id", ""))
        old = self._find(call, object_id, reading=False)
        if "id" not in sent and (call.id is None or call.resource.id_required_in_put):
            raise self._context.invalid("id is required", ["id"])
        if str(sent.get("id", object_id)) != object_id:
            raise self._context.invalid("id is not that of the object", ["id"])
        new = accepted(self._context, call.resource, sent, old)
        rights.guard(call.caller, call.resource.collection, old, new)
        self._context.store.save([call.resource.record(new)])
        return new

    def _delete_one(self, call: Call, object_id: Any) -> Json:
        old = self._find(call, str(object_id), reading=False)
        rights.guard(call.caller, call.resource.collection, old)
        call.resource.guard_delete(self._context, old)
        return delete_object(self._context, call.resource, old)

    # Many objects

    def _each(self, call: Call, items: list[Any], write: Callable[[Any], Json]) -> list[Json]:
        """Writes every item. Whether a batch is atomic is unknown: a switch."""
        written: list[Json] = []
        for item in items:
            try:
                written.append(write(item))
            except ApiError as error:
                if written and self._context.rules.batch == "partial":
                    self._context.store.bump(call.resource.collection)
                    error.keep = True
                raise
        return written

    def _array(self, body: Any) -> list[Any]:
        if not isinstance(body, list) or not body:
            raise self._context.invalid("The body must be a JSON array that is not empty")
        return body

    def _object(self, body: Any) -> Json:
        if not isinstance(body, dict):
            raise self._context.invalid("The body must be a JSON object")
        return body

    def _written(self, call: Call, status: int, objects: list[Json], *, many: bool) -> Answer:
        """The answer to a write; the write counts as one change."""
        self._context.store.bump(call.resource.collection)
        shown = self._shown(call, objects)
        only = str(objects[0][call.resource.id_field]) if len(objects) == 1 else None
        return Answer(
            status,
            shown if many else shown[0],
            self._revision(call.resource),
            created_id=only if status == 201 else None,
        )

    def _installed(self, answer: Answer) -> Answer:
        """What an install answers is unknown; LivePerson's sample ignores it (5a)."""
        rules = self._context.rules
        body: Json | None = answer.body
        if rules.install_answer == "empty":
            body = None
        elif rules.install_answer == "without_secret" and body is not None:
            body = {name: value for name, value in body.items() if name != "client_secret"}
        elif body is not None:
            # Where reads hide the secret, this answer is the one chance to learn it.
            stored = self._context.store.get("installations", str(body["id"])) or {}
            body = {**body, "client_secret": stored["client_secret"]}
        return Answer(rules.install_status, body, answer.revision, answer.created_id)

    # Reading

    def _list(self, call: Call) -> list[Json]:
        store, resource = self._context.store, call.resource
        if call.earlier is None:
            objects = list(store.all(resource.collection, deleted=call.include_deleted))
        else:
            found = call.earlier.objects
            objects = [
                obj for obj in found if call.include_deleted or obj.get("deleted") is not True
            ]
        if resource.collection == "agentGroups" and self._context.rules.root_group_listed:
            objects.insert(0, root_group())
        whole = self._context.rules.list_default == "full"
        return self._shown(call, objects, default=None if whole else resource.short_list)

    def _find(self, call: Call, object_id: str, *, reading: bool) -> Json:
        resource = call.resource
        found = self._context.store.get(resource.collection, object_id)
        if resource.collection == "agentGroups" and object_id == ROOT_GROUP and reading:
            found = root_group() if self._context.rules.root_group_listed else None
        if found is not None and found.get("deleted") is True:
            lenient = call.include_deleted or self._context.rules.deleted_get == "returned"
            found = found if reading and lenient else None
        if found is None:
            raise ApiError(404, f"There is no {object_id} in {resource.collection}")
        return found

    def _shown(
        self, call: Call, objects: Sequence[Json], default: tuple[str, ...] | None = None
    ) -> list[Json]:
        """The objects as this answer shows them: expanded, then reduced to what is selected."""
        resource = call.resource
        selection = call.selection
        if selection is None and default is not None:
            selection = dict.fromkeys(default)
        elif selection is not None and selector.SUMMARY in selection:
            selection = dict.fromkeys(resource.short_list or (selector.ALL,)) | dict(selection)
        view = View(self._context, call.version, call.with_users)
        expanded = [resource.view(view, obj) for obj in objects]
        if selection is not None and selector.ALL not in selection:
            expanded = [_selected(obj, selection) for obj in expanded]
        quoted = self._context.rules.scalars == "quoted" and resource.short_list is not None
        return [_quoted(obj) for obj in expanded] if quoted else expanded

    # Revision

    def _revision(self, resource: Resource) -> int | None:
        return self._context.revision(resource) if resource.has_revision else None

    def _check_revision(self, call: Call) -> None:
        """Optimistic concurrency (3.3): the caller's revision must be the current one."""
        rules, sent = self._context.rules, call.if_match
        if sent is None:
            if rules.missing_if_match == "refused":
                raise ApiError(400, "If-Match is required")
            return
        if sent == FORCE or (sent == "*" and rules.star_if_match == "forces"):
            return
        if not sent.isascii() or not sent.isdigit():
            raise ApiError(400, f"If-Match is no revision: {sent}")
        if int(sent) != self._context.revision(call.resource):
            raise ApiError(rules.stale_status, f"Revision {sent} is not the current one")


def delete_object(context: Context, resource: Resource, old: Json) -> Json:
    """Deletes softly: the object stays, marked, with what it referred to set free."""
    hard = resource.app_install and context.rules.uninstall == "hard"
    if hard or "deleted" not in resource.server_set:
        context.store.erase(resource.collection, str(old[resource.id_field]))
        return old
    new = {**old, "deleted": True}
    if "dateUpdated" in resource.server_set:
        new["dateUpdated"] = context.timestamp()
    context.store.save([resource.record(new)])
    return new


def _quoted(value: Any) -> Any:
    """Numbers and booleans as the docs of le-users print them: as strings (3.6)."""
    if isinstance(value, dict):
        return {name: _quoted(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_quoted(item) for item in value]
    return dumps(value) if isinstance(value, int | float) else value


def _selected(obj: Json, selection: Mapping[str, Any]) -> Json:
    chosen: Json = selector.project(obj, selection)
    return chosen

"""Rows of the table of behaviours: requests, and the objects of the account."""

from __future__ import annotations

from lebots.sandbox.rules.labels import DOC, GUESS, OBS

REQUESTS = (
    (DOC, "3.4", "An account id that is not 1 to 20 letters, digits or _ is a 400"),
    (GUESS, "8.5", "The id of another account is refused", "foreign_account_status"),
    (DOC, "3.1", "A bad `v` is a 400; left out it means 2.0 for users and 1.0 elsewhere"),
    (DOC, "7.1", "Profiles need `v`"),
    (DOC, "6.6", "Users read below version 4.0 lack pid, profileIds, lobIds, userTypeId,"
                  " isApiUser and allowedAppKeys; below it they cannot be written here"),
    (DOC, "3.1", "A field unknown to `select` is silently absent; a malformed select is a 400"),
    (DOC, "3.1", "Two selectors on one parent are not merged: one of them counts",
     "repeated_parent"),
    (OBS, "3.1", "A list without `select` shows id, deleted and name; of users id, pid, deleted"
                  " and loginName (the docs claim everything)", "list_default"),
    (DOC, "18", "A list of working hours or special occasions without `select` shows id, name,"
                " deleted and isDefault"),
    (OBS, "5a", "Applications and app keys are listed whole without `select`"),
    (OBS, "3.1", "A list is the whole collection, there are no pages"),
    (DOC, "3.1", "Deleted objects are listed only with `include_deleted=true`"),
    (OBS, "3.2", "X-HTTP-Method-Override makes a POST the verb it names; a real PUT may carry it"
                  " as well"),
    (OBS, "3.5", "Error bodies are flat, with `fields` naming the offending attributes; the key"
                  " manager's have no status and time in milliseconds"),
    (DOC, "3.6", "Numbers and booleans may come quoted; they are kept and answered native"
                  " (the docs print answers quoted)", "scalars"),
)  # fmt: skip

REVISION = (
    (DOC, "3.3", "The revision counts the changes of the whole collection, or of the whole"
                  " account (disputed)", "revision_scope"),
    (OBS, "3.2", "Lists, reads and writes answer the revision as `ac-revision`, without `ETag`"
                  " (which the docs have too)", "revision_header"),
    (DOC, "3.3", "GET with the current revision in If-Match is a 304; with -1 it is answered"),
    (GUESS, "3.3", "PUT or DELETE with another revision is refused", "stale_status"),
    (GUESS, "3.3", "PUT or DELETE without If-Match is refused with a 400", "missing_if_match"),
    (GUESS, "3.3", "If-Match on a POST is not looked at", "post_if_match"),
    (DOC, "3.3", "If-Match: -1 writes whatever the revision is"),
    (GUESS, "12 no. 6", "If-Match: * means the same as -1", "star_if_match"),
    (OBS, "5b", "App keys have no revision"),
)  # fmt: skip

READS = (
    (DOC, "3.4", "Reading an id that does not exist is a 404"),
    (GUESS, "6.1", "So is reading a deleted object by its id, unless `include_deleted=true`",
     "deleted_get"),
    (OBS, "6.2", "Users show what their ids stand for: skills, profiles, lobs,"
                  " managedAgentGroups"),
    (OBS, "7", "Groups show members and managers with `getUsers=true`; profiles show"
                " roleTypeName"),
    (DOC, "7", "Profiles show numOfAssignedUsers"),
    (DOC, "6.2", "fullName and employeeId may come back empty for privacy; here they do not",
     "privacy"),
    (GUESS, "7.2", "The root group -1 exists without an entry in the list", "root_group_listed"),
    (GUESS, "7.3", "The feature that gates LOBs is on; off, they are a 403", "lobs_enabled"),
)  # fmt: skip

WRITES = (
    (DOC, "3.4", "A create answers 201, an update 200, a delete 200"),
    (DOC, "3.2", "`location` comes only when exactly one object was created"),
    (DOC, "0", "PUT replaces the whole user or profile: what is left out goes back to its"
                " default"),
    (GUESS, "4.3", "PUT replaces the other kinds of object too", "undocumented_put"),
    (GUESS, "3.4", "A value or body that does not fit is a 400", "invalid_status"),
    (GUESS, "f Q11", "Fields nobody knows are stored and answered unchanged", "unknown_fields"),
    (GUESS, "f Q12", "Server-set fields and expansions that are sent back are ignored",
     "server_fields"),
    (GUESS, "f Q9", "Texts are stored as sent, outer blanks included", "text"),
    (GUESS, "6.5", "A required text other than the name may be blank", "blank_required"),
    (GUESS, "12 no. 13", "A batch is applied as a whole or not at all", "batch"),
    (OBS, "4.1", "POST takes one object or an array and answers in kind"),
    (DOC, "6.1", "PUT of many takes an array of whole objects with their ids, DELETE of many an"
                  " array of ids as strings"),
    (DOC, "4.2", "The groups in skillRoutingConfiguration exist and its three members are given"),
    (DOC, "7", "A group has a parentGroupId once there is a group"),
    (DOC, "18", "Working hours and special occasions have names of up to 50 characters, and events"
                " with two ends in one zone; they are replaced in an array at the collection's own"
                " path, and a create answers 200"),
    (DOC, "18", "The hours and occasions of a skill exist"),
)  # fmt: skip

NAMES = (
    (DOC, "6.2", "loginName and the names of skills, profiles, groups, LOBs and applications are"
                  " unique"),
    (GUESS, "12 no. 4", "Names are compared trimmed, in one Unicode form, ignoring case",
     "names_equal"),
    (GUESS, "4.2", "A PUT may give an object a new name; a user only as identity_change says",
     "name_change"),
    (GUESS, "12 no. 11", "A deleted object holds its name", "deleted_name"),
    (GUESS, "12 no. 4", "A name that is taken is refused, naming the field", "duplicate_status"),
    (DOC, "6.2", "fullName is called unique, which is doubtful; here it is not",
     "full_name_unique"),
    (GUESS, "12 no. 9", "Several users may have one e-mail address", "email_unique"),
)  # fmt: skip

DELETES = (
    (DOC, "4.2", "A delete is soft: the object stays, with deleted true"),
    (GUESS, "3.4", "The answer to a delete has no body", "delete_answer"),
    (OBS, "4.3", "A skill that users or other skills refer to is not deleted; the answer has type"
                  " skill-dependencies and lists them"),
    (GUESS, "12 no. 18", "That answer is a 400", "skill_dependencies_status"),
    (GUESS, "12 no. 28", "Profiles, groups, LOBs and working hours in use cannot be deleted",
     "lookup_delete"),
    (DOC, "5b", "App keys are never written or deleted: 405"),
)  # fmt: skip

USERS = (
    (DOC, "6.2", "Required: loginName, fullName, nickname, email, isEnabled, profileIds; id on"
                  " update"),
    (DOC, "6.2", "Agents need memberOf and maxChats; memberOf.assignmentDate is set by the"
                  " server"),
    (DOC, "6.2", "At most four profiles, at most one per role"),
    (DOC, "6.2", "disabledManually left out while isEnabled changes becomes NOT isEnabled"),
    (GUESS, "6.2", "disabledManually left out while isEnabled stays is kept",
     "disabled_manually"),
    (DOC, "6.3", "Who stops being Agent loses maxChats, maxAsyncChats, memberOf and skillIds; who"
                  " stops being Agent Manager loses managerOf"),
    (DOC, "6.2", "API users need allowedAppKeys; other users need passwordSh when created, and"
                  " keep it when it is left out later"),
    (OBS, "6.2", "allowedAppKeys is one string: a keyId, or a client_id"),
    (GUESS, "12 no. 2", "allowedAppKeys names a key that exists", "key_must_exist"),
    (GUESS, "6.2", "passwordSh for an API user is refused", "passwords_of_api_users"),
    (GUESS, "12 no. 10", "loginName, userTypeId and isApiUser cannot change", "identity_change"),
    (GUESS, "12 no. 8", "-1 is no number of chats", "minus_one_chats"),
    (DOC, "9.3", "Bot users need a feature that LivePerson switches on; it is on here",
     "bot_users"),
    (GUESS, "12 no. 12", "Without it, creating a bot user is refused", "bot_users_off_status"),
    (DOC, "9.1", "At most 18,000 users"),
    (GUESS, "9.1", "A create beyond a quota is refused", "quota_status"),
)  # fmt: skip

APPLICATIONS = (
    (OBS, "5a", "The server sets id, the same UUID as client_id, client_id_issued_at, a"
                 " client_secret and client_secret_expires_at 0"),
    (DOC, "5a", "Lengths: client_name, display_name, scope and each redirect URI 128,"
                 " description 256, logo_uri 1024; grant_types and response_types are of the known"
                 " ones; authorization_code needs redirect_uris"),
    (OBS, "5a", "Webhook endpoints are https"),
    (GUESS, "5a", "An install answers 201", "install_status"),
    (GUESS, "12 no. 19", "The answer to an install is the object with its secret",
     "install_answer"),
    (OBS, "5a", "Reads show the secret in clear; a mask was seen on an occasional item",
     "secrets_on_read"),
    (GUESS, "12 no. 20", "A PUT stores the secret it sends: left out it is lost, a mask replaces"
                          " it", "secrets_on_put"),
    (OBS, "5a", "A POST with the id of an application replaces it (one client does so)",
     "post_existing_id"),
    (GUESS, "5a", "Uninstalling is a soft delete", "uninstall"),
    (GUESS, "5a", "An application that users name can be uninstalled", "uninstall_used"),
    (GUESS, "5a", "There is no limit on applications (0); the other position is that of app keys",
     "application_quota"),
)  # fmt: skip

MESSAGES = (
    (DOC, "15.3", "A message of an event is the skill's, else the account's, else the built-in one;"
                  " reads are merged unless merge_data is false, and view=BY_CONTEXT tells the"
                  " overrides of all contexts"),
    (DOC, "15.4", "Events are a fixed set; their built-in texts are made up here"),
    (GUESS, "15.5", "The features for sending and editing are on", "auto_messages"),
    (GUESS, "15.1", "Whoever is logged in may edit them; no scope of a token is documented",
     "auto_messages_credential"),
    (GUESS, "15.5", "Administrators, agent managers and campaign managers edit them (by the only"
                    " permission package campaign managers alone)", "auto_messages_writes"),
    (GUESS, "15.1", "A PUT makes an override that is not there", "message_put_missing"),
    (GUESS, "15.1", "PUT and DELETE name the event in the path, not a number", "message_path_id"),
    (GUESS, "15.2", "The timer is an attribute by its name, with a text; its unit is not told",
     "message_attributes"),
    (GUESS, "15.2", "Merged answers tell which contexts override the event", "message_contexts"),
    (GUESS, "15.3", "A read of an override that is not there is a 404",
     "message_without_override"),
    (GUESS, "4.3", "A skill with messages of its own can be deleted; they go with it",
     "messages_hold_skills"),
)  # fmt: skip

METRICS = (
    (DOC, "24", "The agent view tells status and open conversations of agents without a login as"
                 " them; it is one of the service agentManagerWorkspace"),
    (GUESS, "24", "The service is there, and whoever is logged in may ask it (which scope an"
                   " application needs is not known)", "agent_view"),
    (GUESS, "24", "Users of type bot are among the agents of the view", "agent_view_bots"),
    (DOC, "24", "In it are agents with a maximum of slots above zero, neither deleted nor disabled;"
                 " an agent manager sees those of the own groups"),
    (DOC, "24", "Who is offline is in it only where effectiveAgentStatus asks for it; offset and"
                 " limit are at most 1,000 together, the time is 24 hours at most"),
)  # fmt: skip

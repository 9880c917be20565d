"""Bad inputs, all of them in one table: each with the code of every problem and its exact line and column."""

from __future__ import annotations

import os
import re
import socket
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

import pytest

from flowctl.errors import FlowctlError
from flowctl.loading.configuration.environments import load_environment
from flowctl.loading.project import load_project
from flowctl.loading.workspace import find_workspace
from flowctl.model.diagnostic import Diagnostic

Text = str | bytes
Row = tuple[str, Text, str]

LOG = "{id: a, type: io.kestra.plugin.core.log.Log, message: hi}"
TASKS = f"tasks:\n  - {LOG}\n"
BUNDLED = "server: bundled\n"
SOUND = {"environments/dev.yaml": BUNDLED, "flows/dev/ok.yaml": "id: ok\n" + TASKS}

FLOWS: list[Row] = [
    ("two colons in a line", "id: a: b\n" + TASKS, "F212 1:6"),
    (
        "a colon in a message",
        "id: x\ntasks:\n  - id: a\n    type: io.kestra.plugin.core.log.Log\n    message: error: disk full\n",
        "F212 5:19",
    ),
    (
        "an unquoted expression",
        "id: x\ntasks:\n  - id: a\n    type: io.kestra.plugin.core.log.Log\n    message: {{ inputs.name }}\n",
        "F213 5:15",
    ),
    ("an unquoted expression at the top", "id: {{ id }}\n" + TASKS, "F213 1:6"),
    ("a tab as indentation", "id: x\ntasks:\n\t- id: a\n", "F208 3:1"),
    ("a tab before a key", "id: x\n\tnamespace: dev\n", "F208 2:1"),
    ("an open single quote", "id: 'x\n" + TASKS, "F209 1:5"),
    ("an open double quote", 'id: x\ndescription: "half\n' + TASKS, "F209 2:14"),
    ("an open list", "id: x\nlabels: [a, b\n" + TASKS, "F210 2:9"),
    ("an open list at the end", "id: x\nlabels: [ # ]\n\n", "F210 2:9"),
    ("an open map at the end", "id: x\nlabels: ['[', {a: [b], c:\n", "F210 2:15"),
    ("an open map", "id: x\nlabels: {a: b\n" + TASKS, "F210 2:9"),
    ("a closing bracket alone", "id: x\nlabels: }\n" + TASKS, "F207 2:9"),
    ("an at sign", "id: x\ndescription: @here\n" + TASKS, "F214 2:14"),
    ("a backtick", "id: x\ndescription: `code`\n" + TASKS, "F214 2:14"),
    ("a percent sign", "id: x\ndescription: %d items\n" + TASKS, "F214 2:14"),
    ("an unknown alias", "id: x\ndescription: *nothing\n" + TASKS, "F215 2:14"),
    ("a glob that looks like an alias", "id: x\ndescription: *.csv\n" + TASKS, "F216 2:15"),
    ("an anchor without a name", "id: x\ndescription: & b\n" + TASKS, "F216 2:15"),
    ("an anchor twice", "id: &a x\ndescription: &a y\n" + TASKS, "F217 2:14"),
    ("an alias of itself", "id: x\nvariables: &v\n  a: *v\n" + TASKS, "F218 2:12"),
    ("a list as a key", "id: x\n? [a, b]\n: c\n" + TASKS, "F221 2:3"),
    ("an unknown tag handle", "id: x\ndescription: !a!b c\n" + TASKS, "F224 2:14"),
    ("a YAML directive of another version", "%YAML 3.1\n---\nid: x\n" + TASKS, "F225 1:1"),
    ("a bad escape", 'id: x\ndescription: "C:\\data"\n' + TASKS, "F226 2:17"),
    ("text behind a block sign", "id: x\ndescription: |text\n" + TASKS, "F227 2:15"),
    ("a list in the line of its key", "id: x\ntasks: - id: a\n", "F228 2:8"),
    ("a merge that nobody finished", "id: x\n<<<<<<< HEAD\n" + TASKS + "=======\n>>>>>>> other\n", "F242 2:1"),
    ("the end of a merge conflict", "id: x\n" + TASKS + ">>>>>>> other\n", "F242 4:1"),
    ("a key without a colon", "id: x\nnamespace dev\n" + TASKS, "F229 3:1"),
    ("bad indentation", "id: x\ntasks:\n  - id: a\n   type: b\n", "F211 4:4"),
    ("a list that becomes a map", "- id: x\nname: y\n", "F211 2:1"),
    ("a text behind a quote", "id: 'x' y\n" + TASKS, "F240 1:9"),
    ("two documents", "id: x\ntasks:\n  - " + LOG + "\n---\nid: y\n" + TASKS, "F206 4:1"),
    ("two documents, the second empty", "---\nid: x\ntasks:\n  - " + LOG + "\n---\n", "F206 5:1"),
    ("a control character", "id: x\ndescription: a\x07b\n" + TASKS, "F203 2:15"),
    ("a NUL character", "id: x\ndescription: a\x00b\n" + TASKS, "F203 2:15"),
    (
        "nested too deeply",
        "id: x\nvariables:\n  a: " + "[" * 101 + "]" * 101 + "\n" + TASKS,
        "F219 3:105",
    ),
    ("nested beyond the parser", "id: x\nvariables: " + "[" * 2000 + "]" * 2000 + "\n" + TASKS, "F219 2:1011"),
    (
        "a billion laughs",
        "id: x\nvariables:\n  a: &a [x,x,x,x,x,x,x,x,x,x]\n"
        "  b: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\n"
        "  c: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]\n"
        "  d: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c,*c]\n"
        "  e: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d,*d]\n"
        "  f: [*e,*e,*e,*e,*e,*e,*e,*e,*e,*e]\n" + TASKS,
        "F220 3:6",
    ),
    (
        "Latin-1 bytes",
        b"id: x\ndescription: Gr\xfc\xdfe\ntasks:\n  - {id: a, type: io.kestra.plugin.core.log.Log, message: hi}\n",
        "F201 2:16",
    ),
    (
        "Latin-1 bytes behind Windows line ends",
        ("id: x\r\n# ok\r\ndescription: né\r\n" + TASKS).encode("latin-1"),
        "F201 3:15",
    ),
    (
        "UTF-16 with a mark",
        ("id: x\n" + TASKS).encode("utf-16"),
        "F202 1:1",
    ),
    (
        "UTF-16 without a mark",
        ("id: x\n" + TASKS).encode("utf-16-le"),
        "F202 1:1",
    ),
    ("a cut UTF-8 sequence", b"id: x\ndescription: \xe2\x82", "F201 2:14"),
    ("a byte order mark", "\ufeffid: x\n" + TASKS, "F204 1:1"),
    ("a no-break space", "id: x\ndescription: a\xa0b\n" + TASKS, "F241 2:15"),
    ("a zero-width space in an id", "id: x\u200b\n" + TASKS, "F304 1:5"),
    ("a right-to-left override", "id: x\ndescription: a\u202eb\n" + TASKS, "F241 2:15"),
    ("an empty file", "", "F205 1:1"),
    ("only a comment", "# nothing yet\n", "F205 1:1"),
    ("only a document start", "---\n", "F205 1:1"),
    ("the same key twice", "id: x\nid: y\n" + TASKS, "F222 2:1"),
    (
        "the same key twice, deep",
        "id: x\ntasks:\n  - id: a\n    type: io.kestra.plugin.core.log.Log\n    message: a\n    message: b\n",
        "F222 6:5",
    ),
    ("the same key twice in a flow map", "{id: x, tasks: [" + LOG + "], id: y}", "F222 1:77"),
    ("on as an id", "id: on\n" + TASKS, "F230 1:5"),
    ("yes as a label", "id: x\nlabels: {ok: yes}\n" + TASKS, "F230 2:14"),
    ("an octal id", "id: 010\n" + TASKS, "F232 1:5"),
    ("a version as a label", "id: x\nlabels:\n  version: 1.10\n" + TASKS, "F237 3:12"),
    ("an exponent as a label", "id: x\nlabels:\n  build: 1e3\n" + TASKS, "F237 3:10"),
    ("an octal file mode", "id: x\nvariables:\n  mode: 0755\n" + TASKS, "F232 3:9"),
    ("an underscore number", "id: x\nvariables:\n  n: 10_000\n" + TASKS, "F233 3:6"),
    ("an octal of YAML 1.2", "id: x\nvariables:\n  mode: 0o755\n" + TASKS, "F234 3:9"),
    ("a clock time", "id: x\nvariables:\n  at: 12:30\n" + TASKS, "F239 3:7"),
    (
        "a merge key in a task",
        "id: x\nvariables:\n  b: &b {message: hi}\ntasks:\n  - id: a\n"
        "    type: io.kestra.plugin.core.log.Log\n    <<: *b\n    message: ho\n",
        "F235 7:5",
    ),
    ("a merge key in variables", "id: x\nvariables:\n  b: &b {c: d}\n  e:\n    <<: *b\n" + TASKS, "F235 5:5"),
    ("yes for true", "id: x\ndisabled: yes\n" + TASKS, "F231 2:11"),
    ("a key that looks boolean", "id: x\nvariables:\n  off: 1\n" + TASKS, "F236 3:3"),
    ("an empty label", "id: x\nlabels:\n  team:\n" + TASKS, "F307 3:8"),
    ("a custom tag", "id: x\ndescription: !text hi\n" + TASKS, "F223 2:14"),
    ("!env in a flow", "id: x\nvariables:\n  key: !env KEY\n" + TASKS, "F223 3:8"),
    (
        "choices that look boolean",
        "id: x\ninputs:\n  - id: c\n    type: SELECT\n    values: [yes, no]\n" + TASKS,
        "F230 5:14, F230 5:19",
    ),
    (
        "an octal default of a text input",
        "id: x\ninputs:\n  - {id: c, type: STRING, defaults: 007}\n" + TASKS,
        "F232 3:37",
    ),
    ("a list instead of a flow", "- a\n- b\n", "F301 1:1"),
    ("a text instead of a flow", "hello\n", "F301 1:1"),
    ("a number instead of a flow", "42\n", "F301 1:1"),
    ("no id", TASKS, "F304 1:1"),
    ("an empty id", "id:\n" + TASKS, "F304 1:4"),
    ("a blank id", "id: ''\n" + TASKS, "F304 1:5"),
    ("a space in the id", "id: a b\n" + TASKS, "F304 1:5"),
    ("a slash in the id", "id: a/b\n" + TASKS, "F304 1:5"),
    ("an id with a leading dot", "id: .a\n" + TASKS, "F304 1:5"),
    (
        "a long id",
        "id: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n"
        + TASKS,
        "F304 1:5",
    ),
    ("a reserved id", "id: search\n" + TASKS, "F306 1:5"),
    ("another reserved id", "id: executions\n" + TASKS, "F306 1:5"),
    ("an umlaut in the id", "id: größe\n" + TASKS, "F304 1:5"),
    ("an id that is a list", "id: [a]\n" + TASKS, "F304 1:5, F314 1:5"),
    ("no tasks", "id: x\n", "F310 1:1"),
    ("empty tasks", "id: x\ntasks: []\n", "F310 2:8"),
    ("tasks without anything", "id: x\ntasks:\n", "F310 2:7"),
    ("a null task", "id: x\ntasks:\n  - " + LOG + "\n  -\n", "F302 4:4"),
    ("a null trigger", "id: x\ntasks:\n  - " + LOG + "\ntriggers:\n  -\n", "F302 5:4"),
    ("a null input", "id: x\ninputs:\n  - null\n" + TASKS, "F302 3:5"),
    ("a null output", "id: x\noutputs: [~]\n" + TASKS, "F302 2:11"),
    ("a null label", "id: x\nlabels:\n  -\n" + TASKS, "F302 3:4"),
    ("a null error task", "id: x\ntasks:\n  - " + LOG + "\nerrors:\n  -\n", "F302 5:4"),
    ("a null finally task", "id: x\ntasks:\n  - " + LOG + "\nfinally:\n  - ~\n", "F302 5:5"),
    (
        "a null task in a sequence",
        "id: x\ntasks:\n  - id: s\n    type: io.kestra.plugin.core.flow.Sequential\n    tasks:\n      - "
        + LOG
        + "\n      -\n",
        "F302 7:8",
    ),
    (
        "a null task in a case",
        "id: x\ntasks:\n  - id: s\n    type: io.kestra.plugin.core.flow.Switch\n    value: a\n"
        "    cases:\n      a:\n        -\n",
        "F302 8:10",
    ),
    ("a null plugin default", "id: x\npluginDefaults:\n  -\n" + TASKS, "F302 3:4"),
    ("a task id twice", "id: x\ntasks:\n  - " + LOG + "\n  - " + LOG + "\n", "F320 4:10"),
    (
        "a trigger id twice",
        "id: x\ntasks:\n  - "
        + LOG
        + "\ntriggers:\n  - {id: t, type: io.kestra.plugin.core.trigger.Schedule, cron: '0 3 * * *'}\n"
        "  - {id: t, type: io.kestra.plugin.core.trigger.Schedule, cron: '0 4 * * *'}\n",
        "F321 6:10",
    ),
    (
        "an input id twice",
        "id: x\ninputs:\n  - {id: i, type: STRING}\n  - {id: i, type: STRING}\n" + TASKS,
        "F322 4:10",
    ),
    (
        "an output id twice",
        "id: x\ntasks:\n  - "
        + LOG
        + "\noutputs:\n  - {id: o, type: STRING, value: a}\n  - {id: o, type: STRING, value: b}\n",
        "F323 6:10",
    ),
    ("a task without id", "id: x\ntasks:\n  - {type: io.kestra.plugin.core.log.Log, message: hi}\n", "F311 3:5"),
    ("a task without type", "id: x\ntasks:\n  - {id: a, message: hi}\n", "F313 3:5"),
    (
        "a task id with a space",
        "id: x\ntasks:\n  - {id: a b, type: io.kestra.plugin.core.log.Log, message: hi}\n",
        "F324 3:10",
    ),
    ("a task that is a text", "id: x\ntasks:\n  - hello\n", "F314 3:5"),
    ("tasks that are a map", "id: x\ntasks:\n  a: b\n", "F314 3:3"),
    (
        "a bad cron",
        "id: x\ntasks:\n  - "
        + LOG
        + "\ntriggers:\n  - {id: t, type: io.kestra.plugin.core.trigger.Schedule, cron: 'every day'}\n",
        "F338 5:65",
    ),
    (
        "a cron out of range",
        "id: x\ntasks:\n  - "
        + LOG
        + "\ntriggers:\n  - {id: t, type: io.kestra.plugin.core.trigger.Schedule, cron: '61 3 * * *'}\n",
        "F338 5:65",
    ),
    ("an input of an unknown type", "id: x\ninputs:\n  - {id: i, type: TEXT}\n" + TASKS, "F313 3:19"),
    ("an input type in lower case", "id: x\ninputs:\n  - {id: i, type: string}\n" + TASKS, "F361 3:19"),
    ("an input without type", "id: x\ninputs:\n  - {id: i}\n" + TASKS, "F313 3:5"),
    ("labels with a capital", "id: x\nlabels: {Team: a}\n" + TASKS, "F307 2:16"),
    ("a system label", "id: x\nlabels: {system.x: a}\n" + TASKS, "F308 2:20"),
    (
        "a flow that calls itself",
        "id: x\ntasks:\n  - {id: a, type: io.kestra.plugin.core.flow.Subflow, namespace: dev, flowId: x}\n",
        "F336 3:5",
    ),
    (
        "inputs in a circle",
        "id: x\ninputs:\n  - {id: a, type: STRING, dependsOn: {inputs: [b]}}\n"
        "  - {id: b, type: STRING, dependsOn: {inputs: [a]}}\n" + TASKS,
        "F329 3:38, F329 4:38",
    ),
    (
        "an input that depends on nothing",
        "id: x\ninputs:\n  - {id: a, type: STRING, dependsOn: {inputs: [z]}}\n" + TASKS,
        "F328 3:38",
    ),
    (
        "a hyphen in dot notation",
        'id: x\ntasks:\n  - {id: my-a, type: io.kestra.plugin.core.log.Log, message: "{{ outputs.my-a.value }}"}\n',
        "F348 3:5",
    ),
    ("a concurrency without limit", "id: x\nconcurrency: {behavior: QUEUE}\n" + TASKS, "F311 2:14"),
    ("a concurrency of zero", "id: x\nconcurrency: {limit: 0}\n" + TASKS, "F316 2:22"),
    ("an unknown behaviour", "id: x\nconcurrency: {limit: 1, behavior: WAIT}\n" + TASKS, "F315 2:35"),
    (
        "a retry without type",
        "id: x\ntasks:\n  - {id: a, type: io.kestra.plugin.core.log.Log, message: hi, retry: {interval: PT1S}}\n",
        "F313 3:70",
    ),
    ("disabled that is a text", "id: x\ndisabled: maybe\n" + TASKS, "F314 2:11"),
    ("variables that are a list", "id: x\nvariables: [a]\n" + TASKS, "F314 2:12"),
    ("an unknown key of the flow", "id: x\ntaskz: []\n" + TASKS, "F312 2:8"),
    (
        "an empty sequence",
        "id: x\ntasks:\n  - {id: s, type: io.kestra.plugin.core.flow.Sequential, tasks: []}\n",
        "F335 3:65",
    ),
    (
        "an expression that does not parse",
        'id: x\ntasks:\n  - {id: a, type: io.kestra.plugin.core.log.Log, message: "{{ inputs. }}"}\n',
        "F351 3:59",
    ),
    ("another namespace", "id: x\nnamespace: prod\n" + TASKS, "F370 2:12"),
    ("a namespace below", "id: x\nnamespace: dev.team\n" + TASKS, "F370 2:12"),
    ("a namespace that is a number", "id: x\nnamespace: 12\n" + TASKS, "F370 2:12"),
    ("an empty namespace", "id: x\nnamespace:\n" + TASKS, "F305 2:11"),
    ("a namespace in capitals", "id: x\nnamespace: Dev\n" + TASKS, "F305 2:12, F370 2:12"),
    ("a revision", "id: x\nrevision: 3\n" + TASKS, "F372 2:1"),
    ("an explicit key for the id", "? id\n: x\n" + TASKS, "F378 1:3"),
    (
        "several problems at once",
        "id: search\nrevision: 1\nlabels: {a: no}\ntasks:\n  -\n",
        "F306 1:5, F372 2:1, F230 3:13, F302 5:4",
    ),
]

ENVIRONMENTS: list[Row] = [
    ("an empty file", "", "F128 1:1"),
    ("a list", "- a\n", "F129 1:1"),
    ("a text", "bundled\n", "F129 1:1"),
    ("no server", "namespace: dev\n", "F128 1:1"),
    ("broken YAML", "server: [\n", "F210 1:9"),
    ("a tab", "server: bundled\n\tnamespace: x\n", "F208 2:1"),
    ("two documents", "server: bundled\n---\nserver: bundled\n", "F206 2:1"),
    ("the same key twice", "server: bundled\nserver: bundled\n", "F222 2:1"),
    ("not UTF-8", b"server: bundled\n# \xff\n", "F201 2:3"),
    (
        "UTF-16",
        b"\xff\xfes\x00e\x00r\x00v\x00e\x00r\x00:\x00 \x00b\x00u\x00n\x00d\x00l\x00e\x00d\x00\n\x00",
        "F202 1:1",
    ),
    ("an unknown key", BUNDLED + "namespaces: dev\n", "F106 2:1"),
    ("an unknown key without likeness", BUNDLED + "zzz: 1\n", "F106 2:1"),
    ("an unknown key of the policy", BUNDLED + "policy:\n  max_delete: 3\n", "F106 3:3"),
    ("an unknown key of the promotion", BUNDLED + "policy:\n  promotion:\n    run: 3\n", "F106 4:5"),
    ("an unknown key of tls", "server: https://x.example\ntls:\n  pem: a\n", "F106 3:3"),
    ("a server without scheme", "server: kestra.example.com\n", "F108 1:9"),
    ("a server of another scheme", "server: ftp://kestra.example.com\n", "F108 1:9"),
    ("a server with a query", "server: https://kestra.example.com?x=1\n", "F108 1:9"),
    ("a server that is a number", "server: 8080\n", "F108 1:9"),
    ("a server that is null", "server:\n", "F108 1:8"),
    ("a server with a space", "server: https://a b\n", "F108 1:9"),
    ("a login in the URL", "server: https://joe:s3cret@kestra.example.com\n", "F109 1:9"),
    ("a literal token", "server: https://x.example\nauth:\n  token: abc\n", "F109 3:3"),
    (
        "a literal password",
        "server: https://x.example\nauth:\n  username: joe\n  password: s3cret\n",
        "F109 3:3, F109 4:3",
    ),
    (
        "a token where its variable's name belongs",
        "server: https://x.example\nauth:\n  token_env: ghp_abc-def/1\n",
        "F110 3:14",
    ),
    ("half a login", "server: https://x.example\nauth:\n  username_env: U\n", "F130 2:1"),
    ("the other half", "server: https://x.example\nauth:\n  password_env: U\n", "F130 2:1"),
    (
        "a token and a login",
        "server: https://x.example\nauth: {token_env: T, username_env: U, password_env: P}\n",
        "F130 2:1",
    ),
    ("an empty auth", "server: https://x.example\nauth: {}\n", "F130 2:1"),
    ("an auth that is a text", "server: https://x.example\nauth: token\n", "F107 2:7"),
    ("a number as a variable", "server: https://x.example\nauth:\n  token_env: 5\n", "F110 3:14"),
    ("auth for the bundled server", BUNDLED + "auth:\n  token_env: T\n", "F131 2:1"),
    ("tls for the bundled server", BUNDLED + "tls: {}\n", "F131 2:1"),
    ("a tenant for the bundled server", BUNDLED + "tenant: acme\n", "F131 2:1"),
    ("a dialect for a URL", "server: https://x.example\ndialect: lenient\n", "F131 2:1"),
    ("an unknown dialect", BUNDLED + "dialect: 3.0\n", "F108 2:10"),
    ("a malformed tenant", "server: https://x.example\ntenant: a/b\n", "F133 2:9"),
    ("flows that are not there", BUNDLED + "flows: flows/nowhere\n", "F111 2:8"),
    ("one layer that is not there", BUNDLED + "flows: [flows/dev, flows/nowhere]\n", "F111 2:20"),
    ("a layer twice", BUNDLED + "flows:\n  - flows/dev\n  - flows/dev\n", "F134 4:5"),
    ("flows outside the workspace", BUNDLED + "flows: ../other\n", "F112 2:8"),
    ("flows at an absolute path", BUNDLED + "flows: /etc\n", "F112 2:8"),
    ("flows that are a map", BUNDLED + "flows: {a: b}\n", "F107 2:8"),
    ("no flows at all", BUNDLED + "flows: []\n", "F107 2:8"),
    ("a number among the layers", BUNDLED + "flows: [1]\n", "F107 2:9"),
    ("an empty flows", BUNDLED + "flows: ''\n", "F107 2:8"),
    ("a namespace in capitals", BUNDLED + "namespace: Dev\n", "F113 2:12"),
    ("a namespace with a slash", BUNDLED + "namespace: a/b\n", "F113 2:12"),
    ("a namespace that is a boolean", BUNDLED + "namespace: on\n", "F113 2:12"),
    (
        "a long namespace",
        BUNDLED + "namespace: " + "a" * 151 + "\n",
        "F113 2:12",
    ),
    ("an octal namespace", BUNDLED + "namespace: 010\n", "F113 2:12"),
    ("owns that is a text", BUNDLED + "owns: dev\n", "F107 2:7"),
    ("a malformed pattern in owns", BUNDLED + "owns: [dev, 'a b']\n", "F114 2:13"),
    ("an owns without the own namespace", BUNDLED + "owns: [shared, 'd*.x']\n", "F138 2:1"),
    ("an empty owns", BUNDLED + "owns: []\n", "F107 2:7"),
    ("promotes_from itself", BUNDLED + "promotes_from: dev\n", "F116 2:16"),
    ("promotes_from nowhere", BUNDLED + "promotes_from: stagging\n", "F116 2:16"),
    ("a malformed promotes_from", BUNDLED + "promotes_from: Prod!\n", "F115 2:16"),
    ("max_deletes below zero", BUNDLED + "policy:\n  max_deletes: -1\n", "F117 3:16"),
    ("max_deletes as words", BUNDLED + "policy:\n  max_deletes: many\n", "F117 3:16"),
    ("max_deletes over all", BUNDLED + "policy:\n  max_deletes: 120%\n", "F117 3:16"),
    ("max_deletes as a fraction", BUNDLED + "policy:\n  max_deletes: 0.3\n", "F117 3:16"),
    ("protect that is a text", BUNDLED + "policy:\n  protect: dev/*\n", "F107 3:12"),
    ("a protect with a space", BUNDLED + "policy:\n  protect: ['a b']\n", "F118 3:13"),
    ("an ignore that is no place", BUNDLED + "policy:\n  ignore: ['tasks[load']\n", "F119 3:12"),
    ("an ignore that begins with an index", BUNDLED + "policy:\n  ignore:\n    - '[0].id'\n", "F119 4:7"),
    ("an empty ignore", BUNDLED + "policy:\n  ignore: ['']\n", "F119 3:12"),
    ("an unknown hazard", BUNDLED + "policy:\n  hazards: {H99: block}\n", "F120 3:12"),
    ("an unknown level", BUNDLED + "policy:\n  hazards: {H5: stop}\n", "F136 3:17"),
    ("runs below zero", BUNDLED + "policy:\n  promotion: {runs: -1}\n", "F121 3:21"),
    ("runs as a fraction", BUNDLED + "policy:\n  promotion: {runs: 1.5}\n", "F121 3:21"),
    ("a share of failures over one", BUNDLED + "policy:\n  promotion: {max_failures: 2}\n", "F121 3:29"),
    ("days as words", BUNDLED + "policy:\n  promotion: {days: a week}\n", "F121 3:21"),
    ("a policy that is a list", BUNDLED + "policy: []\n", "F107 2:9"),
    ("a timeout of zero", BUNDLED + "timeout: 0\n", "F124 2:10"),
    ("a timeout as words", BUNDLED + "timeout: soon\n", "F124 2:10"),
    ("a timeout of a day", BUNDLED + "timeout: 86400\n", "F124 2:10"),
    ("a parallelism of zero", BUNDLED + "parallelism: 0\n", "F124 2:14"),
    ("a parallelism of a thousand", BUNDLED + "parallelism: 1000\n", "F124 2:14"),
    ("a CA that is not there", "server: https://x.example\ntls:\n  ca: ca.pem\n", "F122 3:7"),
    ("a certificate without key", "server: https://x.example\ntls:\n  cert: environments/dev.yaml\n", "F123 2:1"),
    ("a tls path that is empty", "server: https://x.example\ntls: {ca: ''}\n", "F107 2:11"),
    ("an override without a place", BUNDLED + "overrides:\n  dev/x: 1\n", "F125 3:3"),
    ("an override with a bad place", BUNDLED + "overrides:\n  dev/x/tasks[: 1\n", "F125 3:3"),
    ("overrides that are a list", BUNDLED + "overrides: []\n", "F107 2:12"),
    ("a pin that is no digest", BUNDLED + "pins:\n  dev/x: latest\n", "F126 3:10"),
    ("a pin of no flow", BUNDLED + "pins:\n  x: 0123456789abcdef\n", "F137 3:3"),
    ("a short pin", BUNDLED + "pins:\n  dev/x: abc\n", "F126 3:10"),
    ("a pin without a file", BUNDLED + "pins:\n  dev/gone: 0123456789abcdef\n", "F508 3:13"),
    ("a pin without a history", BUNDLED + "pins:\n  dev/ok: 0123456789abcdef\n", "F507 3:11"),
    ("several problems at once", "server: nowhere\nflow: x\ntimeout: -1\n", "F108 1:9, F106 2:1, F124 3:10"),
]

KEY_VALUES: list[Row] = [
    ("a list", "- a\n", "F420 1:1"),
    ("a text", "hello\n", "F420 1:1"),
    ("broken YAML", "a: b: c\n", "F212 1:5"),
    ("a tab", "a: 1\n\tb: 2\n", "F208 2:1"),
    ("not UTF-8", b"a: \xe9\n", "F201 1:4"),
    ("two documents", "a: 1\n---\nb: 2\n", "F206 2:1"),
    ("a key twice", "a: 1\nb: 2\na: 3\n", "F222 3:1"),
    ("a space in a key", "a b: 1\n", "F421 1:1"),
    ("a key that begins with a hyphen", "-a: 1\n", "F421 1:1"),
    ("an empty key", "'': 1\n", "F421 1:1"),
    ("a long key", "k" * 257 + ": 1\n", "F421 1:1"),
    ("a reserved key", "flowctl.ledger: 1\n", "F422 1:1"),
    ("an unknown member", "a: {value: 1, typ: NUMBER}\n", "F423 1:15"),
    ("a map without type", "a: {b: c}\n", "F427 1:1, F423 1:5"),
    ("a list without type", "a: [1]\n", "F432 1:4"),
    ("no value", "a:\n", "F431 1:1"),
    ("a null value", "a: {type: STRING, value: ~}\n", "F431 1:19"),
    ("a value left out", "a:\n  type: STRING\n", "F427 1:1"),
    ("an unknown type", "a: {type: TEXT, value: b}\n", "F424 1:11"),
    ("a type in lower case", "a: {type: number, value: 1}\n", "F424 1:11"),
    ("a type that is a list", "a: {type: [NUMBER], value: 1}\n", "F424 1:11"),
    ("a text as a number", "a: {type: NUMBER, value: '1'}\n", "F425 1:26"),
    ("a boolean as a number", "a: {type: NUMBER, value: true}\n", "F425 1:26"),
    ("a number as a boolean", "a: {type: BOOLEAN, value: 1}\n", "F425 1:27"),
    ("a text as a boolean", "a: {type: BOOLEAN, value: 'true'}\n", "F425 1:27"),
    ("a number as text", "a: {type: STRING, value: 1}\n", "F425 1:26"),
    ("a bad date", "a: {type: DATE, value: 2024-02-30}\n", "F425 1:24"),
    ("a date of another form", "a: {type: DATE, value: 30.2.2024}\n", "F425 1:24"),
    ("a date without hyphens", "a: {type: DATE, value: '20240229'}\n", "F425 1:24"),
    ("a time without offset", "a: {type: DATETIME, value: '2024-01-01T00:00:00'}\n", "F425 1:28"),
    ("an impossible time", "a: {type: DATETIME, value: '2024-01-01T25:00:00Z'}\n", "F425 1:28"),
    ("a bad duration", "a: {type: DURATION, value: 5m}\n", "F425 1:28"),
    ("a duration without parts", "a: {type: DURATION, value: P}\n", "F425 1:28"),
    ("a duration that is a number", "a: {type: DURATION, value: 5}\n", "F425 1:28"),
    ("a ttl in words", "a: {value: 1, ttl: one day}\n", "F426 1:20"),
    ("a ttl as a number", "a: {value: 1, ttl: 60}\n", "F426 1:20"),
    ("a ttl of nothing", "a: {value: 1, ttl: PT0S}\n", "F426 1:20"),
    ("a ttl below zero", "a: {value: 1, ttl: -PT5M}\n", "F426 1:20"),
    ("a description that is a list", "a: {value: 1, description: [x]}\n", "F433 1:28"),
    ("!env without a name", "a: {value: !env }\n", "F429 1:12"),
    ("!env with a bad name", "a: {value: !env 'MY VAR'}\n", "F429 1:12"),
    ("!env of a list", "a: {value: !env [A]}\n", "F429 1:12"),
    ("!env as a type", "a: {type: !env A, value: 1}\n", "F424 1:11, F436 1:11"),
    ("another tag", "a: !vault secret/x\n", "F436 1:4"),
    ("a variable that is not set", "a: {value: !env NOT_SET_ANYWHERE}\n", "F430 1:1"),
    ("a variable that does not fit", "a: {type: NUMBER, value: !env WORD}\n", "F435 1:1"),
    ("a value over the limit", "a: " + "x" * (10 * 1024 * 1024 + 1) + "\n", "F428 1:4"),
    ("yes as a value", "a: yes\n", "F231 1:4"),
    ("an octal value", "a: 0755\n", "F232 1:4"),
    ("a merge key", "a: {<<: {x: 1}, value: 1}\n", "F423 1:5"),
]

SETTINGS: list[Row] = [
    ("a list", "- a\n", "F102 1:1"),
    ("an unknown key", "enviroment: dev\n", "F106 1:1"),
    ("a port out of range", "port: 70000\n", "F135 1:7"),
    ("a port as text", "port: '8080'\n", "F135 1:7"),
    ("an unknown dialect", "dialect: 1.0\n", "F108 1:10"),
    ("a malformed environment", "environment: My Env\n", "F104 1:14"),
    ("broken YAML", "port: [\n", "F210 1:7"),
    ("not UTF-8", b"# \xff\n", "F201 1:3"),
]

BY_FILE = {
    "flows/dev/x.yaml": FLOWS,
    "environments/dev.yaml": ENVIRONMENTS,
    "flows/dev/_kv.yaml": KEY_VALUES,
    "flowctl.yaml": SETTINGS,
}
ROWS = [
    pytest.param(path, text, expected, id=title) for path, rows in BY_FILE.items() for title, text, expected in rows
]


def write(root: Path, contents: dict[str, Text]) -> None:
    for name, text in contents.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass"))


def problems_of(root: Path) -> tuple[Diagnostic, ...]:
    """Everything that loading has to say, errors or warnings."""
    try:
        workspace = find_workspace(root)
        assert workspace.settings is not None
        return load_project(workspace, load_environment(workspace, "dev"), {"WORD": "hello"}).diagnostics
    except FlowctlError as error:
        return error.diagnostics


def said(diagnostics: tuple[Diagnostic, ...]) -> str:
    return ", ".join(f"{d.code} {d.line}:{d.column}" for d in diagnostics)


@pytest.mark.parametrize(("path", "text", "expected"), ROWS)
def test_a_bad_text_is_refused_at_its_place(tmp_path: Path, path: str, text: Text, expected: str) -> None:
    write(tmp_path, {**SOUND, path: text})
    found = problems_of(tmp_path)
    assert said(found) == expected
    for problem in found:
        assert problem.path == path
        assert problem.summary
        assert page(problem.code)


@pytest.mark.parametrize(
    ("value", "summary"),
    [
        ("", "`!env` without the name of a variable"),
        ("' '", "`!env` without the name of a variable"),
        ("'hunter2 pass'", "the name after `!env` is malformed"),
        ("1ST", "the name after `!env` is malformed"),
        ("MY-VAR", "the name after `!env` is malformed"),
        ("[hunter2]", "the name after `!env` is malformed"),
        ("{hunter2: b}", "the name after `!env` is malformed"),
    ],
    ids=["missing", "blank", "a space", "a digit first", "a hyphen", "a list", "a map"],
)
def test_a_malformed_name_of_a_variable_is_not_called_missing(tmp_path: Path, value: str, summary: str) -> None:
    write(tmp_path, {**SOUND, "flows/dev/_kv.yaml": f"a: {{value: !env {value} }}\n"})
    found = problems_of(tmp_path)
    assert [(one.code, one.summary) for one in found] == [("F429", summary)]
    assert "hunter2" not in str(found)


def page(code: str) -> str:
    return (files("flowctl") / "pages" / f"{code}.md").read_text(encoding="utf-8")


def _broken_link(root: Path) -> None:
    (root / "flows/dev/x.yaml").symlink_to("nowhere.yaml")


def _escaping_link(root: Path) -> None:
    outside = root.parent / f"{root.name}-outside.yaml"
    outside.write_text("id: x\n")
    (root / "flows/dev/x.yaml").symlink_to(outside)


def _circle(root: Path) -> None:
    (root / "flows/dev/again").symlink_to(root / "flows/dev", target_is_directory=True)


def _pipe(root: Path) -> None:
    os.mkfifo(root / "flows/dev/x.yaml")


def _socket(root: Path) -> None:
    here = Path.cwd()
    os.chdir(root / "flows/dev")
    try:
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind("x.yaml")
    finally:
        os.chdir(here)


def _name_that_is_not_utf8(root: Path) -> None:
    (Path(os.fsdecode(os.fsencode(root / "flows/dev") + b"/\xff.yaml"))).write_text("id: x\n" + TASKS)


def _name_with_a_line_end(root: Path) -> None:
    (root / "flows/dev/a\nb.yaml").write_text("id: x\n" + TASKS)


def _big_flow(root: Path) -> None:
    with (root / "flows/dev/x.yaml").open("wb") as file:
        file.truncate(50 * 1024 * 1024)


def _big_key_values(root: Path) -> None:
    with (root / "flows/dev/_kv.yaml").open("wb") as file:
        file.truncate(50 * 1024 * 1024)


def _big_file(root: Path) -> None:
    write(root, {"flows/dev/_files/x.bin": b""})
    with (root / "flows/dev/_files/x.bin").open("wb") as file:
        file.truncate(65 * 1024 * 1024)


def _big_environment(root: Path) -> None:
    (root / "environments/dev.yaml").write_text(BUNDLED + "# " + "x" * (1 << 20))


def _deep_directories(root: Path) -> None:
    deep = root / "flows/dev" / "/".join(["a"] * 65)
    deep.mkdir(parents=True)


def _named(name: str, text: Text = "id: x\n" + TASKS) -> Callable[[Path], None]:
    return lambda root: write(root, {name: text})


TREES: list[tuple[str, Callable[[Path], None], str]] = [
    ("a broken symbolic link", _broken_link, "F402 flows/dev/x.yaml None:None"),
    ("a link out of the workspace", _escaping_link, "F403 flows/dev/x.yaml None:None"),
    ("a link to a directory above", _circle, "F411 flows/dev/again None:None"),
    ("a named pipe", _pipe, "F404 flows/dev/x.yaml None:None"),
    ("a socket", _socket, "F404 flows/dev/x.yaml None:None"),
    ("a file name that is not UTF-8", _name_that_is_not_utf8, "F405 flows/dev/\\udcff.yaml None:None"),
    ("a file name with a line end", _name_with_a_line_end, "F405 flows/dev/a\\nb.yaml None:None"),
    ("a flow of 50 MB", _big_flow, "F373 flows/dev/x.yaml None:None"),
    ("key-values of 50 MB", _big_key_values, "F406 flows/dev/_kv.yaml None:None"),
    ("a namespace file of 65 MB", _big_file, "F407 flows/dev/_files/x.bin None:None"),
    ("an environment of more than 1 MB", _big_environment, "F132 environments/dev.yaml None:None"),
    ("directories in directories", _deep_directories, f"F411 flows/dev/{'/'.join(['a'] * 65)} None:None"),
    ("_files that is a file", _named("flows/dev/_files"), "F415 flows/dev/_files None:None"),
    ("a file below _flows", _named("flows/dev/_files/_flows/a.txt"), "F409 flows/dev/_files/_flows/a.txt None:None"),
    ("a backslash in a name", _named("flows/dev/_files/a\\b"), "F410 flows/dev/_files/a\\b None:None"),
    ("a ZIP among the files", _named("flows/dev/_files/a.zip"), "F414 flows/dev/_files/a.zip None:None"),
    ("a directory in capitals", _named("flows/dev/Team/x.yaml"), "F374 flows/dev/Team None:None"),
    ("a directory with a space", _named("flows/dev/my team/x.yaml"), "F374 flows/dev/my team None:None"),
    (
        "a namespace that gets too long",
        _named(f"flows/dev/{'a' * 100}/{'b' * 100}/x.yaml"),
        f"F374 flows/dev/{'a' * 100}/{'b' * 100} None:None",
    ),
    ("one key in two files", _named("flows/dev/y.yaml", "id: ok\n" + TASKS), "F371 flows/dev/y.yaml 1:5"),
    ("one key, two suffixes", _named("flows/dev/ok.yml", "id: ok\n" + TASKS), "F371 flows/dev/ok.yml 1:5"),
    (
        "two files of key-values",
        lambda root: write(root, {"flows/dev/_kv.yaml": "a: 1\n", "flows/dev/_kv.yml": "a: 1\n"}),
        "F434 flows/dev/_kv.yml None:None",
    ),
    ("two files of one environment", _named("environments/dev.yml", BUNDLED), "F127 environments/dev.yaml None:None"),
    (
        "problems in many files",
        lambda root: write(
            root, {"flows/dev/a.yaml": "id: [\n", "flows/dev/_kv.yaml": "a b: 1\n", "flows/dev/t/b.yaml": "x: 1\n"}
        ),
        "F421 flows/dev/_kv.yaml 1:1, F210 flows/dev/a.yaml 1:5, "
        "F304 flows/dev/t/b.yaml 1:1, F310 flows/dev/t/b.yaml 1:1",
    ),
]


@pytest.mark.parametrize(("build", "expected"), [pytest.param(b, e, id=t) for t, b, e in TREES])
def test_a_bad_tree_is_refused_file_by_file(tmp_path: Path, build: Callable[[Path], None], expected: str) -> None:
    write(tmp_path, SOUND)
    build(tmp_path)
    found = problems_of(tmp_path)
    assert ", ".join(f"{d.code} {d.path} {d.line}:{d.column}" for d in found) == expected
    assert all(d.hint and page(d.code) for d in found if d.code != "F312")


def test_an_unreadable_file_is_said_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, {**SOUND, "flows/dev/x.yaml": "id: x\n" + TASKS})
    really_open = os.open

    def refuse(path: str, *arguments: int) -> int:
        if str(path).endswith("x.yaml"):
            raise PermissionError(13, "Permission denied")
        return really_open(path, *arguments)

    monkeypatch.setattr(os, "open", refuse)
    (found,) = problems_of(tmp_path)
    assert (found.code, found.path, found.summary) == ("F401", "flows/dev/x.yaml", "cannot be read: permission denied")


def test_the_table_is_as_wide_as_it_claims_to_be() -> None:
    rows = [expected for rows in BY_FILE.values() for _, _, expected in rows] + [expected for _, _, expected in TREES]
    codes = {code for expected in rows for code in re.findall(r"\bF\d{3}\b", expected)}
    assert len(rows) >= 200
    assert len(codes) >= 60


def test_no_problem_shows_a_secret(tmp_path: Path) -> None:
    secret = "s3cr3t-value"
    texts = {
        "environments/dev.yaml": f"server: https://joe:{secret}@x.example\n"
        f"auth:\n  token: {secret}\n  token_env: {secret}\n",
        "flows/dev/_kv.yaml": "a: {type: NUMBER, value: !env SECRET}\n",
    }
    write(tmp_path, {**SOUND, **texts})
    for problem in problems_of(tmp_path):
        assert secret not in repr(problem)
    write(tmp_path, {"environments/dev.yaml": BUNDLED})
    workspace = find_workspace(tmp_path)
    with pytest.raises(FlowctlError) as caught:
        load_project(workspace, load_environment(workspace, "dev"), {"SECRET": secret})
    assert [problem.code for problem in caught.value.diagnostics] == ["F435"]
    assert secret not in repr(caught.value.diagnostics)

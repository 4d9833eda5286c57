"""dbt without what it does again for every process and every node, for commands that tests start.

Hundreds of closes of a small company are dbt's work for each node, not the database's. Templates
compiled before are kept on disk by their text, messages that no log takes are not filled, and the
macros that a node could call are made with one call each. No query and no result is another by it;
`make run` and the tests that start a process of their own run dbt as it is.
"""

import gc
import marshal
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from types import CodeType
from typing import Any
from unittest.mock import patch

Compiled = dict[tuple[str, str], CodeType]


@contextmanager
def lean_dbt(folder: Path) -> Iterator[None]:
    """dbt without that, in a process that ends afterwards; the folder keeps templates."""
    gc.freeze()
    gc.set_threshold(200_000)  # a node's context is ten thousand objects that live for a moment
    compiled = dict(known := _read(kept := _kept(folder)))
    with _compiling_once(compiled), _dropping_unread_messages(), _binding_macros_at_once():
        yield
    if len(compiled) > len(known):
        folder.mkdir(parents=True, exist_ok=True)
        (part := kept.with_suffix(f".{os.getpid()}")).write_bytes(marshal.dumps(compiled))
        part.replace(kept)


def _compiling_once(compiled: Compiled) -> Any:
    from jinja2 import Environment

    compile_anew = Environment.compile

    def compile_once(self: Any, source: Any, *arguments: Any, **options: Any) -> Any:
        if not isinstance(source, str) or arguments or options:
            return compile_anew(self, source, *arguments, **options)
        key = (type(self).__name__, source)
        if key not in compiled:
            compiled[key] = compile_anew(self, source)
        return compiled[key]

    return patch.object(Environment, "compile", compile_once)


@contextmanager
def _dropping_unread_messages() -> Iterator[None]:
    from dbt_common.events.base_types import BaseEvent, EventLevel
    from dbt_common.events.event_manager import EventManager
    from dbt_common.events.event_manager_client import get_event_manager

    unread = (EventLevel.DEBUG, EventLevel.INFO)
    fill, fire = BaseEvent.__init__, EventManager.fire_event

    def fill_if_read(self: Any, *arguments: Any, **values: Any) -> None:
        if get_event_manager().loggers or self.level_tag() not in unread:
            fill(self, *arguments, **values)
        else:
            self.pb_msg = getattr(self.PROTO_TYPES_MODULE, type(self).__name__)()

    def fire_if_read(self: Any, e: Any, level: Any = None, *others: Any, **options: Any) -> None:
        if self.loggers or (level or e.level_tag()) not in unread:
            fire(self, e, level, *others, **options)

    with (
        patch.object(BaseEvent, "__init__", fill_if_read),
        patch.object(EventManager, "fire_event", fire_if_read),
    ):
        yield


def _binding_macros_at_once() -> Any:
    from dbt.clients.jinja import MacroGenerator
    from dbt.context.macros import MacroNamespace, MacroNamespaceBuilder

    def bound(macro: Any, context: Any, node: Any, stack: Any) -> Any:
        made = object.__new__(MacroGenerator)
        made.__dict__ = {"context": context, "macro": macro, "node": node, "stack": stack}
        return made

    def build_namespace(
        self: Any, macros_by_package: Mapping[str, Mapping[str, Any]], ctx: dict[str, Any]
    ) -> Any:
        packages = {
            package: {
                name: bound(macro, ctx, self.node, self.thread_ctx)
                for name, macro in macros.items()
            }
            for package, macros in macros_by_package.items()
        }
        inner: dict[str, Any] = {}
        for package in reversed(self.internal_package_names_order):
            inner.update(packages.pop(package, {}))
        is_root = self.search_package == self.root_package
        return MacroNamespace(
            global_namespace={} if is_root else packages.get(self.root_package, {}),
            local_namespace=packages.get(self.search_package, {}),
            global_project_namespace=inner,
            packages=packages,
        )

    return patch.object(MacroNamespaceBuilder, "build_namespace", build_namespace)


def _kept(folder: Path) -> Path:
    return folder / f"templates-{sys.version_info.minor}-{version('jinja2')}-{version('dbt-core')}"


def _read(kept: Path) -> Compiled:
    return marshal.loads(kept.read_bytes()) if kept.exists() else {}

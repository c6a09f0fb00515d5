"""Lets `pip download` fetch source archives without running any of their code.

pip asks a source archive's build backend for metadata before it keeps the archive, which runs setup.py. With this folder on
PYTHONPATH every backend is this stub, which says what the variable UNBUILT (name==version …) says. Used by eval/collect.ts.
"""

import importlib.abc
import importlib.machinery
import os
import re
import sys
import types

BACKENDS = (
    "setuptools.build_meta flit_core.buildapi hatchling.build poetry.core.masonry.api poetry.masonry.api pdm.backend "
    "pdm.pep517.api mesonpy maturin scikit_build_core.build scikit_build_core.setuptools.build_meta pbr.build "
    "jupyter_packaging.build_api sipbuild.api uv_build whey enscons.api flit.buildapi py_build_cmake.build"
).split()
PARENTS = {name.rsplit(".", count)[0] for name in BACKENDS for count in range(1, name.count(".") + 1)}


def _pin():
    """pip unpacks each archive into a folder that is named after the project."""
    folder = _canonical(os.path.basename(os.getcwd()))
    pins = [pin.split("==") for pin in os.environ["UNBUILT"].split()]
    fitting = [pin for pin in pins if folder == _canonical(pin[0]) or folder.startswith(_canonical(pin[0]) + "-")]
    return max(fitting or pins, key=lambda pin: len(pin[0]))


def _canonical(name):
    return re.sub(r"[-_.]+", "-", name).lower()


def _prepare(metadata_directory, config_settings=None):
    name, version = _pin()
    folder = f"{name.replace('-', '_')}-{version}.dist-info"
    os.makedirs(os.path.join(metadata_directory, folder), exist_ok=True)
    with open(os.path.join(metadata_directory, folder, "METADATA"), "w", encoding="utf-8") as file:
        file.write(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    return folder


class _Backends(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def find_spec(self, name, path=None, target=None):
        if name in BACKENDS or name in PARENTS:
            return importlib.machinery.ModuleSpec(name, self, is_package=True)
        return None

    def create_module(self, spec):
        return types.ModuleType(spec.name)

    def exec_module(self, module):
        stub = types.SimpleNamespace(
            get_requires_for_build_wheel=lambda config_settings=None: [],
            get_requires_for_build_sdist=lambda config_settings=None: [],
            prepare_metadata_for_build_wheel=_prepare,
        )
        vars(module).update(vars(stub))
        # The legacy entry point of setuptools is an attribute of its module.
        module.__legacy__ = stub


sys.meta_path.insert(0, _Backends())

#!/usr/bin/env python3
"""Writes the table of protobuf fields with which LocalCluster reads what kubectl sends.

    generate.py STAGING > src/Features/Capstan.LocalCluster/ApiServer/Protobuf/wire-fields.txt

STAGING is staging/src/k8s.io of Debian's kubernetes source package (apt-get source kubernetes). Its Go types are read rather than
the .proto files: only they tell a pointer (where a zero was said) from a value (where a zero is what was not said), and what is
inline in JSON. The package is of 1.20: newer kinds and fields are written by hand in newer-fields.txt beside this script.

One line a message: `group.version.Name number+name+form …`. Forms, after optional marks:
  [T list, <T map by string, ?T pointer (a zero counts), !T value that JSON always has, ^T inline
  s string, y bytes, i integer, b boolean, t Time, m MicroTime, q Quantity, x IntOrString, d Duration, r JSON, or a message
"""
import os, re, sys

SCALARS = {'string': 's', '[]byte': 'y', 'bool': 'b', 'metav1.Time': 't', 'meta.v1.Time': 't', 'metav1.MicroTime': 'm', 'meta.v1.MicroTime': 'm',
           'resource.Quantity': 'q', 'intstr.IntOrString': 'x', 'meta.v1.Duration': 'd', 'runtime.RawExtension': 'r', 'meta.v1.FieldsV1': 'r', 'types.UID': 's', 'types.NodeName': 's'}
SCALARS |= {name: 'i' for name in ('int', 'int8', 'int16', 'int32', 'int64', 'uint32', 'uint64')}
WANTED = ('meta.v1', 'core.v1', 'apps.v1', 'batch.v1', 'networking.v1', 'rbac.v1', 'policy.v1beta1', 'scheduling.v1', 'authorization.v1',
          'authentication.v1', 'autoscaling.v1', 'autoscaling.v2beta2', 'coordination.v1', 'events.v1', 'storage.v1', 'node.v1', 'certificates.v1',
          'admissionregistration.v1', 'discovery.v1beta1')
FIELD = re.compile(r'^\s*(?:(\w+)\s+)?(\*?(?:\[\])?(?:map\[[\w.]+\])?\*?(?:\[\])?[\w.]+)\s+`([^`]*)`', re.M)


def read(folder, package, structs, aliases):
    imports = {}
    for name in sorted(os.listdir(folder)):
        if not name.endswith('.go') or name.endswith('_test.go') or name.startswith(('generated', 'zz_')):
            continue
        text = open(os.path.join(folder, name), encoding='utf-8').read()
        for alias, path in re.findall(r'^\s*(\w+)?\s*"(k8s\.io/[^"]+)"', text, re.M):
            part = path.split('/')
            imports[alias or part[-1]] = f'{part[-2]}.{part[-1]}' if re.fullmatch(r'v\d\w*', part[-1]) else part[-1]
        text = re.sub(r'//.*', '', text)
        for kind, target in re.findall(r'^type (\w+) ([\w\[\].*]+)$', text, re.M):
            aliases[f'{package}.{kind}'] = (target, package, imports)
        for kind, body in re.findall(r'^type (\w+) struct \{\n(.*?)^\}', text, re.M | re.S):
            structs[f'{package}.{kind}'] = (FIELD.findall(body), package, imports)


def form(go, package, imports, aliases):
    for mark, letter in (('*', '?'), ('[]', '[')):
        if go.startswith(mark) and go != '[]byte':
            return letter + form(go[len(mark):], package, imports, aliases)
    if entry := re.match(r'map\[[\w.]+\](.*)', go):
        return '<' + form(entry[1], package, imports, aliases)
    if '.' in go:
        prefix, name = go.split('.')
        go = f'{imports.get(prefix, prefix)}.{name}'
    elif go not in SCALARS:
        go = f'{package}.{go}'
    if go in SCALARS:
        return SCALARS[go]
    if go in aliases:
        target, *where = aliases[go]
        # A named list is a message of its own on the wire, with the items in its first field.
        return '(' + go if target.startswith('[]') else form(target, *where, aliases)
    return go


def rows(structs, aliases):
    for name, (fields, package, imports) in structs.items():
        found = {}
        for _, go, tags in fields:
            number = re.search(r'protobuf:"[^"]*?,(\d+),', tags)
            json = re.search(r'json:"([^",]*)([^"]*)"', tags)
            if not number or not json:
                continue
            expression = form(go, package, imports, aliases).replace('[?', '[')
            if 'inline' in json[2]:
                expression = '^' + expression
            elif expression[0] not in '?[<(' and 'omitempty' not in json[2]:
                expression = '!' + expression
            if '(' in expression:
                inner = expression[expression.index('(') + 1:]
                found_inner = form(aliases[inner][0], *aliases[inner][1:], aliases)
                yield inner, {1: ('', found_inner)}
                expression = expression.replace('(', '')
            found[int(number[1])] = (json[1] or '', expression)
        if found or name.startswith(WANTED):
            yield name, found


def main(staging):
    structs, aliases = {}, {}
    for package in WANTED:
        group, version = package.split('.')
        folder = f'{staging}/apimachinery/pkg/apis/meta/{version}' if group == 'meta' else f'{staging}/api/{group}/{version}'
        read(folder, package, structs, aliases)
    table = dict(rows(structs, aliases))
    for line in open(os.path.join(os.path.dirname(os.path.abspath(__file__)), 'newer-fields.txt'), encoding='utf-8'):
        words = line.split()
        if not words or words[0].startswith('#'):
            continue
        if words[1:2] == ['=']:
            # The messages of one version are those of another under a new name.
            old, new = words[2], words[0]
            for name in [n for n in table if n.startswith(old + '.')]:
                table[new + name[len(old):]] = {n: (j, e.replace(old + '.', new + '.')) for n, (j, e) in table[name].items()}
                del table[name]
            continue
        fields = table.setdefault(words[0], {})
        for field in words[1:]:
            number, json, expression = re.fullmatch(r'(\d+)\+(\w*)\+(\S+)', field).groups()
            fields[int(number)] = (json, expression)
    needed, waiting = set(), [n for n in table if not n.endswith('List')]
    while waiting:
        name = waiting.pop()
        if name in needed:
            continue
        needed.add(name)
        for _, expression in table.get(name, {}).values():
            message = expression.lstrip('[<?!^')
            if len(message) > 1:
                if message not in table:
                    sys.exit(f'{name}: {message} is not known')
                waiting.append(message)
    print('# Written by eng/wire-fields/generate.py, which tells the grammar.')
    for name in sorted(needed):
        print(name, *(f'{number}+{json}+{expression}' for number, (json, expression) in sorted(table[name].items())))


main(sys.argv[1])

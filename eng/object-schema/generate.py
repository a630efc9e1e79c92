#!/usr/bin/env python3
"""Writes the table of built-in Kubernetes types that Capstan.Resources embeds.

    generate.py SWAGGER INTERNAL_GO API_FOLDER > src/Formats/Capstan.Resources/Schema/built-in-types.txt

SWAGGER      /openapi/v2 of a kube-apiserver (1.20 is the judge at hand): every kind that it serves, patch strategies, required fields
INTERNAL_GO  applyconfigurations/internal/internal.go of a newer k8s.io/client-go: the structural types of newer kinds and fields
API_FOLDER   a checkout of k8s.io/api of the same version: patch strategies and integer widths of newer fields, from the Go tags

The newer sources win; the grammar of the table is told in Schema/README.md.
"""
import json, os, re, sys

swagger = json.load(open(sys.argv[1]))['definitions']
internal = open(sys.argv[2]).read()
api_folder = sys.argv[3]

GROUPS = {g: f'{g}.k8s.io' for g in ('networking', 'storage', 'coordination', 'discovery', 'events', 'admissionregistration',
                                     'certificates', 'scheduling', 'node', 'resource', 'authentication')}
GROUPS |= {'rbac': 'rbac.authorization.k8s.io', 'authorization': 'authorization.k8s.io', 'flowcontrol': 'flowcontrol.apiserver.k8s.io', 'core': '',
           'apiserverinternal': 'internal.apiserver.k8s.io', 'storagemigration': 'storagemigration.k8s.io', 'imagepolicy': 'imagepolicy.k8s.io'}
SCALARS = {'io.k8s.apimachinery.pkg.api.resource.Quantity': 'q', 'io.k8s.apimachinery.pkg.util.intstr.IntOrString': 'x',
           'io.k8s.apimachinery.pkg.apis.meta.v1.Time': 't', 'io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime': 't',
           'io.k8s.apimachinery.pkg.apis.meta.v1.Duration': 'd'}
FREE = {'io.k8s.apimachinery.pkg.runtime.RawExtension': '*!', 'io.k8s.apimachinery.pkg.apis.meta.v1.FieldsV1': '*',
        '__untyped_deduced_': '*', '__untyped_atomic_': '*!',
        'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSON': '*!'}
# apiextensions' own types that are a schema or a list of names, a boolean or nothing: any JSON, taken as one value.
for v in ('v1', 'v1beta1'):
    for n in ('JSON', 'JSONSchemaPropsOrArray', 'JSONSchemaPropsOrBool', 'JSONSchemaPropsOrStringArray'):
        FREE[f'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.{v}.{n}'] = '*!'


def short(name):
    for prefix in ('io.k8s.api.', 'io.k8s.apimachinery.pkg.apis.', 'io.k8s.apiextensions-apiserver.pkg.apis.', 'io.k8s.kube-aggregator.pkg.apis.'):
        if name.startswith(prefix):
            return name[len(prefix):]
    return name


def reference(name):
    return SCALARS.get(name) or FREE.get(name) or short(name)


class Field:
    def __init__(self, expr):
        self.expr, self.strategy, self.key, self.default, self.required, self.always = expr, '', '', None, False, False


class Type:
    def __init__(self, name):
        self.name, self.fields, self.atomic, self.alias = name, {}, False, None


types, kinds = {}, {}

# 1. The API server's OpenAPI document.
def swagger_expr(p):
    if '$ref' in p:
        return reference(p['$ref'].split('/')[-1])
    kind = p.get('type')
    if kind == 'array':
        inner = f"[{swagger_expr(p['items'])}]"
        form = p.get('x-kubernetes-list-type', 'atomic')
        if form == 'set':
            return inner + '@'
        return inner + '@' + ','.join(sorted(p['x-kubernetes-list-map-keys'])) if form == 'map' else inner
    if kind == 'object':
        if 'additionalProperties' in p:
            return f"<{swagger_expr(p['additionalProperties'])}>" + ('!' if p.get('x-kubernetes-map-type') == 'atomic' else '')
        return '*'
    form = p.get('format', '')
    return {'string': 'y' if form == 'byte' else 't' if form == 'date-time' else 's', 'boolean': 'b', 'number': 'n',
            'integer': 'l' if form == 'int64' else 'i'}[kind] if kind else '*'


for name, d in swagger.items():
    if name in SCALARS or name in FREE or short(name).endswith('List') and 'items' in d.get('properties', {}):
        continue
    t = types[short(name)] = Type(short(name))
    t.atomic = d.get('x-kubernetes-map-type') == 'atomic'
    for field, p in d.get('properties', {}).items():
        f = t.fields[field] = Field(swagger_expr(p))
        f.strategy = p.get('x-kubernetes-patch-strategy', '')
        f.key = p.get('x-kubernetes-patch-merge-key', '')
        f.required = field in d.get('required', [])
    for g in d.get('x-kubernetes-group-version-kind', []):
        if 'metadata' in t.fields and not g['kind'].endswith('List'):
            kinds[(g['group'], g['version'], g['kind'])] = t.name

# 2. client-go's structural types: indentation of two, one `- name:` a type.
lines = internal.split('typed.YAMLObject(`types:\n', 1)[1].split('`', 1)[0].split('\n')


def parse(block, depth):
    """A small reader for the regular YAML subset of that file: maps, lists of maps, scalars."""
    result, i = {}, 0
    is_list = bool(block) and block[0][depth:].startswith('- ')
    items = []
    while i < len(block):
        line = block[i]
        j = i + 1
        if is_list:
            while j < len(block) and not (block[j][depth:depth + 2] == '- '):
                j += 1
            if ': ' in line[depth + 2:] or line.endswith(':'):
                items.append(parse([line[:depth] + '  ' + line[depth + 2:]] + block[i + 1:j], depth + 2))
            else:
                items.append(line[depth + 2:].strip())
        else:
            key, _, value = line[depth:].partition(':')
            while j < len(block) and (len(block[j]) - len(block[j].lstrip()) > depth or block[j][depth:depth + 2] == '- '):
                j += 1
            value = value.strip()
            result[key] = json.loads(value) if value.startswith(('"', '{')) else value if value else parse(block[i + 1:j], len(block[i + 1]) - len(block[i + 1].lstrip()))
        i = j
    return items if is_list else result


parsed = parse([l for l in lines if l.strip()], 0)


def smd_expr(t):
    if 'namedType' in t:
        return reference(t['namedType'])
    if 'list' in t and 'map' in t:
        return '*'
    if 'list' in t:
        inner = f"[{smd_expr(t['list']['elementType'])}]"
        if t['list'].get('elementRelationship') != 'associative':
            return inner
        return inner + '@' + ','.join(sorted(t['list'].get('keys', [])))
    if 'map' in t:
        return f"<{smd_expr(t['map']['elementType'])}>" + ('!' if t['map'].get('elementRelationship') == 'atomic' else '')
    return {'string': 's', 'numeric': 'l', 'boolean': 'b', 'untyped': '*'}[t['scalar']]


# 3. The Go sources: tags and integer widths, by (package.Type, json field).
go = {}
for folder, _, files in os.walk(api_folder):
    if 'types.go' in files:
        package = os.path.relpath(folder, api_folder).replace('/', '.')
        current, note, optional = None, [], False
        for line in open(os.path.join(folder, 'types.go')):
            m = re.match(r'type (\w+) struct', line)
            if m:
                current = f'{package}.{m[1]}'
            if line.startswith('}'):
                current = None
            m = re.match(r'\s+\w*\s*([\w.*\[\]]+)\s+`json:"([\w$-]+)((?:,omitempty|,omitzero)*)([^"]*)"(.*)`', line)
            optional = optional or '+optional' in line or '+k8s:optional' in line
            if current and m and m[2]:
                tags = dict(re.findall(r'(\w+):"([^"]*)"', m[5]))
                go[(current, m[2])] = (m[1], tags.get('patchStrategy', ''), tags.get('patchMergeKey', ''),
                                       not optional and not m[3], m[3] or '')
            if not line.strip() or m:
                optional = False

for d in parsed:
    name = d['name']
    if name in SCALARS or name in FREE or name.startswith('__'):
        continue
    if 'map' not in d or 'fields' not in d['map'] and 'elementType' in d['map']:
        t = types[short(name)] = Type(short(name))
        t.alias = smd_expr(d)
        continue
    old = types.get(short(name))
    t = types[short(name)] = Type(short(name))
    t.atomic = d['map'].get('elementRelationship') == 'atomic'
    for spec in d['map'].get('fields', []):
        f = t.fields[spec['name']] = Field(smd_expr(spec['type']))
        known = go.get((t.name, spec['name']))
        before = old.fields.get(spec['name']) if old else None
        if before and f.expr in ('l', '*', 's', '[s]', '<s>') and re.sub('[@!].*', '', before.expr) not in ('*', '[*]'):
            # The server's document knows widths, byte strings and dates, which the structural types have not.
            f.expr = before.expr if f.expr in ('l', 's', '*', '<s>') else f.expr
        elif known and f.expr == 'l':
            f.expr = {'int32': 'i', 'float64': 'n'}.get(known[0].strip('*'), 'l')
        if known:
            f.strategy, f.key = known[1], known[2]
            # Go writes structs that are no pointers, and fields without omitempty, also when they are empty.
            struct = re.fullmatch(r'[\w]+\.[\w.]*[A-Z]\w*', f.expr) is not None
            struct = struct and known[0][0] not in '*[' and not known[0].startswith('map')
            f.always = '&' if struct and 'omitzero' not in known[4] else '?' if known[4] == '' else ''
        elif before:
            f.strategy, f.key = before.strategy, before.key
        f.required = before.required if before else bool(known and known[3])
        f.default = spec.get('default')
    if old:  # top-level documents keep fields that apply configurations leave out
        for field, f in old.fields.items():
            if field not in t.fields and not old.alias:
                t.fields[field] = f
    if {'apiVersion', 'kind', 'metadata'} <= t.fields.keys() and t.name.count('.') == 2 and t.fields['metadata'].expr == 'meta.v1.ObjectMeta':
        group, version, kind = t.name.split('.')
        kinds[(GROUPS.get(group, group), version, kind)] = t.name

# 4. Facts of newer API servers about types that client-go does not carry.
props = types['apiextensions.v1.JSONSchemaProps'].fields
props['x-kubernetes-validations'] = Field('[apiextensions.v1.ValidationRule]@rule')
props['x-kubernetes-validations'].strategy, props['x-kubernetes-validations'].key = 'merge', 'rule'
rule = types['apiextensions.v1.ValidationRule'] = Type('apiextensions.v1.ValidationRule')
rule.fields = {k: Field(v) for k, v in {'rule': 's', 'message': 's', 'messageExpression': 's', 'reason': 's', 'fieldPath': 's', 'optionalOldSelf': 'b'}.items()}
rule.fields['rule'].required = True
version = types['apiextensions.v1.CustomResourceDefinitionVersion'].fields
version['selectableFields'] = Field('[apiextensions.v1.SelectableField]')
field = types['apiextensions.v1.SelectableField'] = Type('apiextensions.v1.SelectableField')
field.fields = {'jsonPath': Field('s')}
field.fields['jsonPath'].required = True

# Only what a kind reaches is written.
reached, todo = set(), list(kinds.values()) + ['meta.v1.ObjectMeta', 'meta.v1.ListMeta']
while todo:
    name = todo.pop()
    if name in reached or name not in types:
        continue
    reached.add(name)
    t = types[name]
    for expr in [t.alias] if t.alias else [f.expr for f in t.fields.values()]:
        todo += re.findall(r'[A-Za-z][\w.]*\.[A-Z]\w*', expr)

print('# Written by eng/object-schema/generate.py; the grammar is told in README.md beside this file.')
for (g, v, k), name in sorted(kinds.items()):
    print(f'@ {g + "/" if g else ""}{v} {k} {name}')
for name in sorted(reached):
    t = types[name]
    if t.alias:
        print(f'{name} = {t.alias}')
        continue
    out = []
    for field, f in sorted(t.fields.items()):
        text = f'{field}:{f.expr}'
        if f.strategy:
            text += '~' + f.strategy + ('/' + f.key if f.key else '')
        if f.required:
            text += '^'
        if f.always:
            text += f.always
        if f.default is not None and not isinstance(f.default, (dict, list)) and ' ' not in str(f.default) and not str(f.default).startswith('{'):
            default = f.default
            if isinstance(default, str) and re.fullmatch(r'-?\d+|true|false', default):
                text += '=' + default
            else:
                text += '=' + json.dumps(default)
        out.append(text)
    print(name + ('!' if t.atomic else '') + ' ' + ' '.join(out))

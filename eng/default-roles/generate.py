#!/usr/bin/env python3
"""Writes the default roles and bindings that LocalCluster embeds, as a kube-apiserver bootstraps them.

    kubectl get clusterroles,clusterrolebindings -o json > DUMP     (of a fresh cluster: eng/real-cluster/start.sh)
    generate.py DUMP > src/Features/Capstan.LocalCluster/ApiServer/Access/default-roles.txt

One object a line, as JSON. The roles of kube-controller-manager's controllers are left out: LocalCluster's controllers are part of the server.
What newer versions added to `view` and `edit` is added here, since the judge at hand is 1.20.
"""
import json, sys

NEWER = {
    'system:aggregate-to-view': [
        {'apiGroups': ['discovery.k8s.io'], 'resources': ['endpointslices'], 'verbs': ['get', 'list', 'watch']}],
    'system:aggregate-to-edit': [
        {'apiGroups': ['coordination.k8s.io'], 'resources': ['leases'],
         'verbs': ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch']}],
    'system:basic-user': [
        {'apiGroups': ['authentication.k8s.io'], 'resources': ['selfsubjectreviews'], 'verbs': ['create']}],
}

for item in json.load(open(sys.argv[1]))['items']:
    meta = item['metadata']
    if meta['name'].startswith('system:controller:'):
        continue
    labels = meta.get('labels', {})
    out = {'apiVersion': item['apiVersion'], 'kind': item['kind'], 'metadata': {
        'name': meta['name'], 'labels': labels, 'annotations': {'rbac.authorization.kubernetes.io/autoupdate': 'true'}}}
    for field in ('aggregationRule', 'roleRef', 'subjects'):
        if field in item:
            out[field] = item[field]
    if item['kind'] == 'ClusterRole':
        # The rules of an aggregate follow from its parts.
        out['rules'] = [] if 'aggregationRule' in item else item.get('rules', []) + NEWER.get(meta['name'], [])
    print(json.dumps(out, separators=(',', ':')))

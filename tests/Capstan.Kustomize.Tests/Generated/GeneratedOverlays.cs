using CsCheck;

namespace Capstan.Kustomize.Tests.Generated;

/// <summary>Trees of kustomizations of chance: a base of some fixtures, overlays over it, each with some of the language's fields.</summary>
internal static class GeneratedOverlays
{
    private static readonly string[] Fixtures = ["deployment", "service", "configmap", "statefulset", "cronjob", "rbac", "ingress", "widget", "namespace"];

    private static readonly Gen<string> Word = One("a", "web", "x-y", "v1", "team", "1", "on", "p.q");

    private static readonly Gen<string> Pairs = Gen.Select(One("a", "app", "team", "p.q/x-y"), Word, (k, v) => $"{{\"{k}\": \"{v}\"}}");

    private static readonly Gen<string> Selector = One(
        "{kind: Deployment}", "{kind: ConfigMap}", "{name: web}", "{name: \".*web.*\"}", "{labelSelector: app=web}", "{kind: \"Deploy.*|Stateful.*\"}", "{group: apps, version: v1}",
        "{kind: Service, namespace: shop}", "{annotationSelector: \"a in (a,b)\"}");

    private static readonly Gen<string> PatchText = One(
        "[{\"op\": \"add\", \"path\": \"/metadata/annotations\", \"value\": {\"patched\": \"yes\"}}]",
        "[{\"op\": \"add\", \"path\": \"/metadata/labels\", \"value\": {\"patched\": \"1\"}}]",
        "[{\"op\": \"replace\", \"path\": \"/metadata/name\", \"value\": \"patched\"}]",
        "{apiVersion: v1, kind: Any, metadata: {name: any, labels: {merged: \"on\"}}}",
        "{apiVersion: v1, kind: Any, metadata: {name: any, annotations: {merged: null, other: \"2\"}}}",
        "{apiVersion: apps/v1, kind: Deployment, metadata: {name: any}, spec: {template: {spec: {containers: [{name: web, env: [{name: A, value: changed}, {name: B, value: \"3\"}]}, {name: extra, image: busybox}]}}}}",
        "{apiVersion: apps/v1, kind: Deployment, metadata: {name: any}, spec: {template: {spec: {containers: [{name: sidecar, $patch: delete}], volumes: [{name: config, emptyDir: {}, configMap: null}]}}}}",
        "{apiVersion: v1, kind: Any, metadata: {name: any}, data: {c: three, a: null}}");

    private static readonly Gen<string> Replacement = One(
        "- source: {kind: ConfigMap, fieldPath: data.b}\n  targets:\n  - select: {kind: Deployment}\n    fieldPaths: [metadata.annotations.copied]\n    options: {create: true}\n",
        "- source: {kind: Deployment, fieldPath: metadata.name}\n  targets:\n  - select: {kind: Service}\n    fieldPaths: [spec.selector.app]\n",
        "- source: {kind: Service, fieldPath: spec.ports.0.port}\n  targets:\n  - select: {kind: Deployment}\n    fieldPaths: [\"spec.template.spec.containers.*.ports.*.containerPort\"]\n",
        "- source: {kind: Deployment, fieldPath: \"spec.template.spec.containers.[name=web].image\", options: {delimiter: \":\", index: 1}}\n  targets:\n  - select: {kind: StatefulSet}\n    fieldPaths: [\"spec.template.spec.containers.[name=db].image\"]\n    options: {delimiter: \":\", index: 1}\n");

    private static readonly Gen<string> Generator = One(
        "configMapGenerator:\n- name: made\n  literals: [a=b, \"n=1\", \"t=true\"]\n",
        "configMapGenerator:\n- name: settings\n  behavior: merge\n  literals: [c=d]\n",
        "configMapGenerator:\n- name: made\n  literals: [a=b]\n  options: {disableNameSuffixHash: true, labels: {l: m}}\n",
        "secretGenerator:\n- name: credentials\n  literals: [password=secret]\n",
        "secretGenerator:\n- name: credentials\n  namespace: shop\n  literals: [password=secret]\n  type: Own\ngeneratorOptions: {immutable: true, annotations: {g: h}}\n");

    // One block of a kustomization; a field is used once.
    private static readonly Gen<string>[] Blocks =
    [
        Word.Select(w => $"namePrefix: {w}-\n"),
        Word.Select(w => $"nameSuffix: -{w}\n"),
        One("namespace: shop\n", "namespace: default\n", "namespace: other\n"),
        Pairs.Select(p => $"commonLabels: {p}\n"),
        Gen.Select(Pairs, Gen.Bool, Gen.Bool, (p, s, t) => $"labels:\n- pairs: {p}\n  includeSelectors: {(s ? "true" : "false")}\n  includeTemplates: {(t ? "true" : "false")}\n"),
        Pairs.Select(p => $"commonAnnotations: {p}\n"),
        Gen.Select(One("nginx", "busybox", "registry.example:5000/tools/sidecar", "postgres"), One("newTag: \"7\"", "newName: mirror/x", "digest: sha256:bb", "tagSuffix: -s", "newName: m:5/y, newTag: z"), (n, c) => $"images:\n- {{name: \"{n}\", {c}}}\n"),
        Gen.Select(One("web", "db"), Gen.Int[0, 3], (n, c) => $"replicas:\n- {{name: {n}, count: {c}}}\n"),
        Gen.Select(Selector, PatchText, (s, p) => $"patches:\n- target: {s}\n  patch: |-\n    {p}\n"),
        Gen.Select(Selector, PatchText, Selector, PatchText, (s, p, t, q) => $"patches:\n- target: {s}\n  patch: |-\n    {p}\n  options: {{allowNameChange: true}}\n- target: {t}\n  patch: |-\n    {q}\n"),
        Replacement.Select(r => "replacements:\n" + r),
        Generator,
        One("sortOptions: {order: fifo}\n", "sortOptions: {order: legacy}\n", "sortOptions: {order: legacy, legacySortOptions: {orderFirst: [ConfigMap], orderLast: [Namespace, Service]}}\n"),
        One("buildMetadata: [originAnnotations]\n", "buildMetadata: [transformerAnnotations, managedByLabel]\n"),
    ];

    private static readonly Gen<string> Fields = Gen.Int[0, Blocks.Length - 1].Array[0, 4].Select(chosen => chosen.Distinct().Order().ToArray())
        .SelectMany(chosen => Joined(chosen));

    /// <summary>The files of a tree; what is built is <c>top</c>.</summary>
    public static readonly Gen<(string Path, string Text)[]> Trees =
        Gen.Select(Gen.Int[0, Fixtures.Length - 1].Array[2, 7], Fields, Fields, Fields, Fields, Gen.Int[0, 3], (chosen, bottom, middle, top, component, shape) =>
        {
            var names = chosen.Distinct().Select(i => Fixtures[i] + ".yaml").ToArray();
            var files = new List<(string, string)> { ("base/kustomization.yaml", $"resources: [{string.Join(", ", names)}]\n{bottom}") };
            files.AddRange(names.Select(n => ("base/" + n, File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "testdata", "fixtures", n)))));
            if (shape >= 1)
            {
                files.Add(("middle/kustomization.yaml", $"resources: [../base]\n{middle}"));
            }

            if (shape >= 2)
            {
                files.Add(("component/kustomization.yaml", $"apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n{component}"));
            }

            files.Add(("top/kustomization.yaml", $"resources: [{(shape == 0 ? "../base" : "../middle")}{(shape == 3 ? ", own.yaml" : "")}]\n{(shape >= 2 ? "components: [../component]\n" : "")}{top}"));
            if (shape == 3)
            {
                files.Add(("top/own.yaml", "{apiVersion: v1, kind: Pod, metadata: {name: own}, spec: {containers: [{name: a, image: nginx:1, envFrom: [{configMapRef: {name: settings}}, {secretRef: {name: credentials}}]}]}}\n"));
            }

            return files.ToArray();
        });

    private static Gen<string> One(params string[] texts) => Gen.Int[0, texts.Length - 1].Select(i => texts[i]);

    private static Gen<string> Joined(int[] chosen) => chosen.Aggregate(Gen.Const(""), (all, i) => Gen.Select(all, Blocks[i], (a, b) => HasSameField(a, b) ? a : a + b));

    // Two blocks may be about one field: then the first one stays.
    private static bool HasSameField(string text, string block) =>
        block.Split('\n').Where(l => l.Length > 0 && char.IsAsciiLetter(l[0])).Select(l => l[..l.IndexOf(':', StringComparison.Ordinal)])
            .Any(field => text.StartsWith(field + ":", StringComparison.Ordinal) || text.Contains("\n" + field + ":", StringComparison.Ordinal));
}

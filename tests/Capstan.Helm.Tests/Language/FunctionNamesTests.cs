using Capstan.Testing;
using Capstan.Trees;

namespace Capstan.Helm.Tests.Language;

/// <summary>Go's, sprig's and Helm's functions: those that helm has are here, and those that it took out are not.</summary>
public sealed class FunctionNamesTests
{
    private const string Names = """
        abbrev abbrevboth add add1 add1f addf adler32sum ago all and any append atoi b32dec b32enc b64dec b64enc base bcrypt biggest
        buildCustomCert call camelcase cat ceil chunk clean coalesce compact concat contains date dateInZone dateModify date_in_zone
        date_modify decryptAES deepCopy deepEqual default derivePassword dict dig dir div divf duration durationRound empty encryptAES eq
        ext fail first float64 floor fromJson fromJsonArray fromToml fromYaml fromYamlArray ge genCA genCAWithKey genPrivateKey
        genSelfSignedCert genSelfSignedCertWithKey genSignedCert genSignedCertWithKey get getHostByName gt has hasKey hasPrefix hasSuffix
        hello html htmlDate htmlDateInZone htpasswd include indent index initial initials int int64 isAbs join js kebabcase keys kindIs
        kindOf last le len list lookup lower lt max maxf merge mergeOverwrite min minf mod mul mulf mustAppend mustChunk mustCompact
        mustDateModify mustDeepCopy mustFirst mustFromJson mustHas mustInitial mustLast mustMerge mustMergeOverwrite mustPrepend mustPush
        mustRegexFind mustRegexFindAll mustRegexMatch mustRegexReplaceAll mustRegexReplaceAllLiteral mustRegexSplit mustRest mustReverse
        mustSlice mustToDate mustToJson mustToPrettyJson mustToRawJson mustToYaml mustUniq mustWithout must_date_modify ne nindent nospace
        not now omit or osBase osClean osDir osExt osIsAbs pick pluck plural prepend print printf println push quote randAlpha
        randAlphaNum randAscii randBytes randInt randNumeric regexFind regexFindAll regexMatch regexQuoteMeta regexReplaceAll
        regexReplaceAllLiteral regexSplit repeat replace required rest reverse round semver semverCompare seq set sha1sum sha256sum
        sha512sum shuffle slice snakecase sortAlpha split splitList splitn squote sub subf substr swapcase ternary title toDate toDecimal
        toJson toPrettyJson toRawJson toString toStrings toToml toYaml toYamlPretty tpl trim trimAll trimPrefix trimSuffix trimall trunc
        tuple typeIs typeIsLike typeOf uniq unixEpoch unset until untilStep untitle upper urlJoin urlParse urlquery uuidv4 values without
        wrap wrapWith
        """;

    [Fact]
    public async Task Every_function_of_helm_is_here()
    {
        using var helm = HelmProgram.Find();
        var template = string.Concat(Names.Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries).Select(n => $"{{{{ if false }}}}{{{{ {n} }}}}{{{{ end }}}}\n"));
        helm.Write("Chart.yaml", Chart);
        helm.Write("templates/a.yaml", template);
        Assert.Equal(await helm.RunAsync("template", "r", "."), Render(template).Output);
    }

    [Theory]
    [InlineData("env")]
    [InlineData("expandenv")]
    [InlineData("mustToToml")]
    [InlineData("readFile")]
    [InlineData("ckaney")]
    public async Task What_helm_lacks_is_not_here_and_is_told_in_its_words(string name)
    {
        using var helm = HelmProgram.Find();
        var template = $"{{{{ {name} \"x\" }}}}";
        helm.Write("Chart.yaml", Chart);
        helm.Write("templates/a.yaml", template);
        Assert.Equal((await helm.TryAsync("template", "r", ".")).Error, Render(template).Error!.HelmText);
    }

    private const string Chart = "apiVersion: v2\nname: fn\nversion: 0.1.0\n";

    private static HelmRenderResult Render(string template) => new HelmRenderer().Render(
        new HelmRenderRequest { Tree = MemoryTree.Of(("Chart.yaml", Chart), ("templates/a.yaml", template)), ReleaseName = "r" }, TestContext.Current.CancellationToken);
}

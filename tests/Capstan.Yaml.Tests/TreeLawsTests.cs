using CsCheck;

namespace Capstan.Yaml.Tests;

/// <summary>Laws that hold for all trees.</summary>
public sealed class TreeLawsTests
{
    private static readonly string[] Words = ["", "a", "b", "yes", "1", "0x1", "~", "a: b", "- x", "é😀", " s", "t ", "l\nm", "l\n", "\n", "\t", "#", "2001-01-01", "'", "\"", "\\", "k1", "k2", "k10"];

    private static readonly Gen<string> Text = Gen.Int[0, Words.Length - 1].Array[1, 3].Select(parts => string.Concat(parts.Select(i => Words[i])));

    private static readonly Gen<YamlNode> Scalars = Gen.OneOf<YamlNode>(
        Text.Select(text => (YamlNode)YamlScalar.String(text)),
        Gen.Long.Select(number => (YamlNode)YamlScalar.Integer(number)),
        Gen.Double[-1e25, 1e25].Select(number => (YamlNode)YamlScalar.Float(number)),
        Gen.Bool.Select(flag => (YamlNode)YamlScalar.Boolean(flag)),
        Gen.Const((YamlNode)YamlScalar.Null));

    private static readonly Gen<YamlMap> Maps = Tree(3).Select(Text, (node, key) => YamlMap.Of((key, node)))
        .Select(Gen.Select(Text, Scalars).Array[0, 20], (map, more) => more.Aggregate(map, (all, one) => all.With(one.Item1, one.Item2)));

    [Fact]
    public void What_is_written_as_JSON_is_read_back() => Maps.Sample(map => Assert.Equal(map, JsonText.Read(JsonText.Write(map))));

    [Fact]
    public void What_is_packed_is_read_back() => Maps.Sample(map => Assert.Equal(map, new PackedTree(map).Read()));

    [Fact]
    public void What_is_made_small_is_the_same_text_again() => Maps.Sample(map =>
    {
        var json = JsonText.WriteBytes(YamlMap.Of(("a", map), ("b", map)));
        var small = SmallJson.Shrink(json);
        Assert.Equal(json.Length, SmallJson.Length(small));
        Assert.Equal(json, SmallJson.Text(small));
        Assert.Same(small, SmallJson.Shrink(small));
    });

    [Fact]
    public void What_is_written_as_YAML_is_read_back() => Maps.Sample(map =>
    {
        Assert.Equal(map, YamlText.ReadOne(GoYaml.Write(map)));
        Assert.Equal(map, YamlText.ReadOne(GoYaml.Write(map, GoYamlOptions.Pretty)));
    });

    [Fact]
    public void Equal_trees_have_equal_hashes_whatever_the_order_of_their_keys() => Maps.Sample(map =>
    {
        var turned = YamlMap.Of([.. map.Reverse().Select(entry => (entry.Key, entry.Value))]);
        Assert.Equal<YamlNode>(map, turned);
        Assert.Equal(map.GetHashCode(), turned.GetHashCode());
    });

    [Fact]
    public void A_key_that_was_set_is_there_and_one_taken_away_is_not() => Gen.Select(Maps, Text, Scalars).Sample((map, key, value) =>
    {
        var with = map.With(key, value);
        Assert.Equal(value, with[key]);
        Assert.Equal(map.Count + (map.ContainsKey(key) ? 0 : 1), with.Count);
        Assert.Null(with.Without(key)[key]);
        Assert.Equal<YamlNode>(map.Without(key), with.Without(key));
        Assert.Equal<YamlNode>(with, with.With(key, value));
    });

    [Fact]
    public void A_builder_agrees_with_a_dictionary() => Gen.Select(Gen.Int[0, 30], Gen.Int[0, 2]).Array[0, 80].Sample(steps =>
    {
        var builder = new YamlMapBuilder();
        var model = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var (key, step) in steps)
        {
            var name = $"k{key}";
            switch (step)
            {
                case 0:
                    Assert.Equal(model.TryAdd(name, key), builder.Add(new YamlEntry(name, key)));
                    break;
                case 1:
                    model[name] = key + 1;
                    builder.Set(name, key + 1);
                    break;
                default:
                    Assert.Equal(model.Remove(name), builder.Remove(name));
                    break;
            }
        }

        Assert.Equal(model.Count, builder.Count);
        Assert.Equal<YamlNode>(YamlMap.Of([.. model.Select(pair => (pair.Key, (YamlNode)pair.Value))]), builder.ToMap());
    });

    private static Gen<YamlNode> Tree(int depth) => depth == 0
        ? Scalars
        : Gen.OneOf(
            Scalars,
            Tree(depth - 1).Array[0, 4].Select(items => (YamlNode)new YamlList(items)),
            Gen.Select(Text, Tree(depth - 1)).Array[0, 4].Select(pairs => (YamlNode)YamlMap.Of([.. pairs.Select(p => (p.Item1, p.Item2))])));
}

using System.Text.RegularExpressions;
using Capstan.Yaml;

namespace Capstan.Delivery.Comparing.Ignoring;

/// <summary>A part of a path: from one value to none, one or several.</summary>
internal abstract record JqNode
{
    public abstract IEnumerable<JqValue> Run(JqValue input, JqBudget budget);

    protected static JqValue Computed(bool value) => new(YamlScalar.Boolean(value), null);

    public sealed record Identity : JqNode
    {
        public override IEnumerable<JqValue> Run(JqValue input, JqBudget budget) => [input];
    }

    public sealed record Literal(YamlNode Value) : JqNode
    {
        public override IEnumerable<JqValue> Run(JqValue input, JqBudget budget) => [new JqValue(Value, null)];
    }

    public sealed record Field(JqNode Of, string Name) : JqNode
    {
        public override IEnumerable<JqValue> Run(JqValue input, JqBudget budget)
        {
            foreach (var value in Of.Run(input, budget))
            {
                budget.Spend();
                yield return value.Node switch
                {
                    YamlMap map => new JqValue(map[Name] ?? YamlScalar.Null, value.Place?.Below(new PlaceStep(Name))),
                    { IsNull: true } => new JqValue(YamlScalar.Null, value.Place?.Below(new PlaceStep(Name))),
                    _ => throw new JqException($"{value.Node.Description} has no field {Name}"),
                };
            }
        }
    }

    public sealed record Item(JqNode Of, int Index) : JqNode
    {
        public override IEnumerable<JqValue> Run(JqValue input, JqBudget budget)
        {
            foreach (var value in Of.Run(input, budget))
            {
                budget.Spend();
                if (value.Node is YamlList list)
                {
                    var place = Index < 0 ? list.Count + Index : Index;
                    yield return place >= 0 && place < list.Count ? new JqValue(list[place], value.Place?.Below(new PlaceStep(null, place))) : new JqValue(YamlScalar.Null, null);
                }
                else if (!value.Node.IsNull)
                {
                    throw new JqException($"{value.Node.Description} has no items");
                }
            }
        }
    }

    public sealed record Each(JqNode Of) : JqNode
    {
        public override IEnumerable<JqValue> Run(JqValue input, JqBudget budget)
        {
            foreach (var value in Of.Run(input, budget))
            {
                var inner = value.Node switch
                {
                    YamlList list => list.Select((item, i) => new JqValue(item, value.Place?.Below(new PlaceStep(null, i)))),
                    YamlMap map => map.Select(entry => new JqValue(entry.Value, value.Place?.Below(new PlaceStep(entry.Key)))),
                    _ => throw new JqException($"{value.Node.Description} cannot be gone through"),
                };
                foreach (var one in inner)
                {
                    budget.Spend();
                    yield return one;
                }
            }
        }
    }

    public sealed record Optional(JqNode Of) : JqNode
    {
        public override IEnumerable<JqValue> Run(JqValue input, JqBudget budget)
        {
            using var values = Of.Run(input, budget).GetEnumerator();
            while (Next(values))
            {
                yield return values.Current;
            }
        }

        private static bool Next(IEnumerator<JqValue> values)
        {
            try
            {
                return values.MoveNext();
            }
            catch (JqException)
            {
                // That is what the question mark asks for.
                return false;
            }
        }
    }

    public sealed record Pipe(JqNode First, JqNode Then) : JqNode
    {
        public override IEnumerable<JqValue> Run(JqValue input, JqBudget budget) => First.Run(input, budget).SelectMany(v => Then.Run(v, budget));
    }

    public sealed record Both(JqNode First, JqNode Second) : JqNode
    {
        public override IEnumerable<JqValue> Run(JqValue input, JqBudget budget) => First.Run(input, budget).Concat(Second.Run(input, budget));
    }

    public sealed record Select(JqNode Condition) : JqNode
    {
        public override IEnumerable<JqValue> Run(JqValue input, JqBudget budget) => Condition.Run(input, budget).Where(c => c.IsTrue).Select(_ => input);
    }

    public sealed record Compare(JqNode Left, string Operator, JqNode Right) : JqNode
    {
        public override IEnumerable<JqValue> Run(JqValue input, JqBudget budget)
        {
            foreach (var right in Right.Run(input, budget))
            {
                foreach (var left in Left.Run(input, budget))
                {
                    budget.Spend();
                    yield return Computed(Holds(left.Node, right.Node));
                }
            }
        }

        private bool Holds(YamlNode left, YamlNode right) => Operator switch
        {
            "==" => left.Equals(right),
            "!=" => !left.Equals(right),
            "<" => Order(left, right) < 0,
            "<=" => Order(left, right) <= 0,
            ">" => Order(left, right) > 0,
            _ => Order(left, right) >= 0,
        };

        private static int Order(YamlNode left, YamlNode right) => (left, right) switch
        {
            (YamlScalar { IsNumber: true } a, YamlScalar { IsNumber: true } b) => a.AsDouble().CompareTo(b.AsDouble()),
            (YamlScalar { Kind: ScalarKind.String } a, YamlScalar { Kind: ScalarKind.String } b) => string.CompareOrdinal(a.Text, b.Text),
            _ => throw new JqException($"{left.Description} and {right.Description} are not compared"),
        };
    }

    public sealed record Logic(JqNode Left, bool IsAnd, JqNode Right) : JqNode
    {
        public override IEnumerable<JqValue> Run(JqValue input, JqBudget budget)
        {
            foreach (var left in Left.Run(input, budget))
            {
                if (left.IsTrue != IsAnd)
                {
                    yield return Computed(!IsAnd);
                    continue;
                }

                foreach (var right in Right.Run(input, budget))
                {
                    yield return Computed(right.IsTrue);
                }
            }
        }
    }

    public sealed record Not : JqNode
    {
        public override IEnumerable<JqValue> Run(JqValue input, JqBudget budget) => [Computed(!input.IsTrue)];
    }

    /// <summary>A function of one text: <c>startswith</c>, <c>endswith</c>, <c>contains</c>, <c>has</c>, <c>test</c>.</summary>
    public sealed record Asks(string Name, string Argument, Regex? Pattern) : JqNode
    {
        public override IEnumerable<JqValue> Run(JqValue input, JqBudget budget)
        {
            budget.Spend();
            return Name == "has"
                ? [Computed(input.Node is YamlMap map && map.ContainsKey(Argument))]
                : input.Node.AsString() is not { } text ? throw new JqException($"{Name} asks for a string, not {input.Node.Description}")
                : [Computed(Name switch
                {
                    "startswith" => text.StartsWith(Argument, StringComparison.Ordinal),
                    "endswith" => text.EndsWith(Argument, StringComparison.Ordinal),
                    "contains" => text.Contains(Argument, StringComparison.Ordinal),
                    _ => Pattern!.IsMatch(text),
                })];
        }
    }
}

using System.Xml;

namespace Capstan.Workflows.Reports;

/// <summary>What came of tests.</summary>
public sealed record TestCounts(int Passed, int Failed, int Skipped)
{
    /// <summary>No test.</summary>
    public static readonly TestCounts None = new(0, 0, 0);

    /// <summary>Both together.</summary>
    public TestCounts And(TestCounts more) => new(Passed + more.Passed, Failed + more.Failed, Skipped + more.Skipped);
}

/// <summary>
/// Reads the reports of tests that a job uploads as artifacts: JUnit's XML, which nearly every test runner writes, and Visual Studio's TRX. What is neither has no tests.
/// </summary>
internal static class TestReports
{
    private const long LargestReport = 64 << 20;

    /// <summary>Counts the tests of a file; none when it is no report, or a broken one.</summary>
    public static TestCounts Count(string path)
    {
        if (Path.GetExtension(path) is not (".xml" or ".trx") || new FileInfo(path) is not { Exists: true, LinkTarget: null, Length: <= LargestReport }) return TestCounts.None;
        try
        {
            using var file = File.OpenRead(path);
            return Count(file);
        }
        catch (XmlException)
        {
            // An XML file of another kind that is cut off, or forbids itself to be read: it is no business of ours.
            return TestCounts.None;
        }
    }

    /// <summary>Counts the tests of a report.</summary>
    /// <exception cref="XmlException">It is no XML, or has a document type.</exception>
    public static TestCounts Count(Stream report)
    {
        using var reader = XmlReader.Create(report, new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null, MaxCharactersInDocument = LargestReport, IgnoreWhitespace = true, IgnoreComments = true });
        if (reader.MoveToContent() != XmlNodeType.Element) return TestCounts.None;
        return reader.LocalName switch
        {
            "testsuites" or "testsuite" => JUnit(reader),
            "TestRun" => Trx(reader),
            _ => TestCounts.None,
        };
    }

    private static TestCounts JUnit(XmlReader reader)
    {
        var (all, failed, skipped) = (0, 0, 0);
        var open = false;
        do
        {
            if (reader.NodeType != XmlNodeType.Element) continue;
            if (reader.LocalName == "testcase")
            {
                all++;
                open = true;
            }
            else if (open && reader.LocalName is "failure" or "error")
            {
                failed++;
                open = false;
            }
            else if (open && reader.LocalName == "skipped")
            {
                skipped++;
                open = false;
            }
        }
        while (reader.Read());
        return new TestCounts(all - failed - skipped, failed, skipped);
    }

    private static TestCounts Trx(XmlReader reader)
    {
        var counts = TestCounts.None;
        while (reader.Read())
        {
            if (reader.NodeType != XmlNodeType.Element || reader.LocalName != "UnitTestResult") continue;
            counts = counts.And(reader.GetAttribute("outcome") switch
            {
                "Passed" => new TestCounts(1, 0, 0),
                "Failed" or "Error" or "Timeout" or "Aborted" => new TestCounts(0, 1, 0),
                _ => new TestCounts(0, 0, 1),
            });
        }

        return counts;
    }
}

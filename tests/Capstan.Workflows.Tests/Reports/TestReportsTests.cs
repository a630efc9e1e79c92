using System.Text;
using System.Xml;
using Capstan.Workflows.Reports;

namespace Capstan.Workflows.Tests.Reports;

public sealed class TestReportsTests
{
    [Theory]
    [InlineData("""<testsuites><testsuite name="a" tests="4"><testcase name="1"/><testcase name="2"><failure>no</failure></testcase><testcase name="3"><skipped/></testcase><testcase name="4"><error/><system-out>x</system-out></testcase></testsuite></testsuites>""", 1, 2, 1)]
    [InlineData("""<testsuite><properties><property name="failure" value="x"/></properties><testcase name="1"><system-out>ok</system-out></testcase></testsuite>""", 1, 0, 0)]
    [InlineData("""<testsuite><testcase name="twice"><failure/><failure/></testcase></testsuite>""", 0, 1, 0)]
    [InlineData("""<TestRun xmlns="http://microsoft.com/schemas/VisualStudio/TeamTest/2010"><Results><UnitTestResult outcome="Passed"/><UnitTestResult outcome="Failed"/><UnitTestResult outcome="NotExecuted"/></Results></TestRun>""", 1, 1, 1)]
    [InlineData("""<project><testcase/></project>""", 0, 0, 0)]
    public void Tests_are_counted_by_what_came_of_them(string report, int passed, int failed, int skipped) =>
        Assert.Equal(new TestCounts(passed, failed, skipped), TestReports.Count(new MemoryStream(Encoding.UTF8.GetBytes(report))));

    [Theory]
    [InlineData("<testsuite><testcase>")]
    [InlineData("""<!DOCTYPE a [<!ENTITY b "c">]><testsuite><testcase name="&b;"/></testsuite>""")]
    public void What_is_broken_or_declares_entities_is_not_read(string report) =>
        Assert.Throws<XmlException>(() => TestReports.Count(new MemoryStream(Encoding.UTF8.GetBytes(report))));
}

using System.Text;
using Edge.Mqtt.Protocol;

namespace Edge.Mqtt.Tests.Protocol;

public sealed class MqttTextTests
{
    [Theory]
    [InlineData("746F700000", false)]   // U+0000
    [InlineData("746FEDA080", false)]   // a surrogate
    [InlineData("746F701F70", false)]   // U+001F
    [InlineData("746F707F70", false)]   // U+007F
    [InlineData("746FC29F70", false)]   // U+009F
    [InlineData("746FC2A070", true)]    // U+00A0
    [InlineData("EFBFBF", false)]       // U+FFFF
    [InlineData("EFB790", false)]       // U+FDD0
    [InlineData("F09FBFBE", false)]     // U+1FFFE
    [InlineData("41F0AA9B94", true)]    // U+2A6D4
    [InlineData("FF", false)]
    [InlineData("C3", false)]           // cut short
    [InlineData("", true)]
    public void IsValid_Table(string hex, bool valid) => Assert.Equal(valid, MqttText.IsValid(Convert.FromHexString(hex)));

    [Theory]
    [InlineData("a/b", true)]
    [InlineData("/", true)]
    [InlineData("", false)]
    [InlineData("a/+", false)]
    [InlineData("a#", false)]
    [InlineData("1/2/3/4", true)]
    [InlineData("1/2/3/4/5", false)]
    [InlineData("12345678901", false)]
    public void IsTopicName_Table(string topic, bool valid) => Assert.Equal(valid, MqttText.IsTopicName(Encoding.UTF8.GetBytes(topic), 10, 4));

    [Theory]
    [InlineData("#", true)]
    [InlineData("+", true)]
    [InlineData("+/+/#", true)]
    [InlineData("a/+/b", true)]
    [InlineData("a/#/b", false)]
    [InlineData("a#", false)]
    [InlineData("+a", false)]
    [InlineData("a/+b", false)]
    [InlineData("", false)]
    public void IsTopicFilter_Table(string filter, bool valid) => Assert.Equal(valid, MqttText.IsTopicFilter(Encoding.UTF8.GetBytes(filter), 100, 10));

    [Theory]
    [InlineData("$share/g/a/b", true, "g", "a/b")]
    [InlineData("a/b", true, null, "a/b")]
    [InlineData("$share/g", false, null, null)]
    [InlineData("$share//a", false, null, null)]
    [InlineData("$share/g/", false, null, null)]
    [InlineData("$share/+/a", false, null, null)]
    public void TrySplitShare_Table(string text, bool valid, string? group, string? filter)
    {
        Assert.Equal(valid, MqttText.TrySplitShare(text, out string? actualGroup, out string actualFilter));
        if (!valid) return;
        Assert.Equal(group, actualGroup);
        Assert.Equal(filter, actualFilter);
    }
}

using System.Globalization;
using System.Text;

namespace Edge.Http;

/// <summary>Writes metrics in Prometheus' text form, version 0.0.4.</summary>
/// <remarks>Source: Prometheus, "Exposition formats". Samples of one name must follow each other: write a name's samples together.</remarks>
public sealed class MetricsWriter
{
    private readonly StringBuilder _text = new(16 << 10);
    private string _last = "";

    public void Counter(string name, string help, long value, params ReadOnlySpan<(string Name, string Value)> labels) => Write(name, help, "counter", value, labels);

    public void Gauge(string name, string help, double value, params ReadOnlySpan<(string Name, string Value)> labels) => Write(name, help, "gauge", value, labels);

    public override string ToString() => _text.ToString();

    private void Write(string name, string help, string type, double value, ReadOnlySpan<(string Name, string Value)> labels)
    {
        if (name != _last) _text.Append("# HELP ").Append(name).Append(' ').Append(help).Append("\n# TYPE ").Append(name).Append(' ').Append(type).Append('\n');
        _last = name;
        _text.Append(name);
        char separator = '{';
        foreach ((string label, string content) in labels)
        {
            _text.Append(separator).Append(label).Append("=\"");
            foreach (char c in content) _text.Append(c switch { '\\' => "\\\\", '"' => "\\\"", '\n' => "\\n", _ => c.ToString() });
            _text.Append('"');
            separator = ',';
        }
        if (labels.Length > 0) _text.Append('}');
        _text.Append(' ').Append(value.ToString("R", CultureInfo.InvariantCulture)).Append('\n');
    }
}

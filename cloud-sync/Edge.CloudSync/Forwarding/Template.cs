using System.Text;

namespace Edge.CloudSync.Forwarding;

/// <summary>A text with names in braces. Only <c>{key}</c> changes from record to record; everything else is filled in once per topic.</summary>
internal static class Template
{
    /// <summary>What is wrong with a template; empty when nothing is.</summary>
    public static IEnumerable<string> Problems(string setting, string template, params string[] names)
    {
        string allowed = string.Join(", ", names.Select(name => $"{{{name}}}"));
        if (template.Length == 0) yield return $"{setting} is empty; use text with {allowed}.";
        foreach ((string text, bool isName) in Parse(template))
        {
            if (isName && !names.Contains(text)) yield return $"{setting} has the unknown name '{{{text}}}'; allowed are {allowed}.";
            else if (!isName && text.AsSpan().IndexOfAny('{', '}') >= 0) yield return $"{setting} is '{template}': a brace is not closed or not opened.";
        }
    }

    /// <summary>The central topic of a local one.</summary>
    public static string RenderTopic(string template, string device, string site, string topic)
    {
        var rendered = new StringBuilder();
        foreach ((string text, bool isName) in Parse(template)) rendered.Append(isName ? ValueOf(text, device, site, topic) : text);
        for (int i = 0; i < rendered.Length; i++)
            if (!(char.IsAsciiLetterOrDigit(rendered[i]) || rendered[i] is '.' or '_' or '-')) rendered[i] = '_';
        if (rendered.Length > 249) rendered.Length = 249;
        return rendered.ToString();
    }

    /// <summary>The pieces of a key around each <c>{key}</c>: one piece means that the key is constant.</summary>
    public static byte[][] CompileKey(string template, string device, string site, string topic)
    {
        var pieces = new List<byte[]>();
        var piece = new StringBuilder();
        foreach ((string text, bool isName) in Parse(template))
        {
            if (isName && text == "key")
            {
                pieces.Add(Encoding.UTF8.GetBytes(piece.ToString()));
                piece.Clear();
            }
            else
            {
                piece.Append(isName ? ValueOf(text, device, site, topic) : text);
            }
        }
        pieces.Add(Encoding.UTF8.GetBytes(piece.ToString()));
        return [.. pieces];
    }

    private static string ValueOf(string name, string device, string site, string topic) => name switch
    {
        "device" => device,
        "site" => site,
        "topic" => topic,
        _ => "",
    };

    private static IEnumerable<(string Text, bool IsName)> Parse(string template)
    {
        int at = 0;
        while (at < template.Length)
        {
            int open = template.IndexOf('{', at);
            int close = open < 0 ? -1 : template.IndexOf('}', open);
            if (close < 0)
            {
                yield return (template[at..], false);
                yield break;
            }
            if (open > at) yield return (template[at..open], false);
            yield return (template[(open + 1)..close], true);
            at = close + 1;
        }
    }
}

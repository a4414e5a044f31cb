using System.Text;

namespace Edge.Host.Commands;

/// <summary>Where a command writes: results to standard output, messages to standard error, and what it reads. Tests put their own in.</summary>
internal sealed record Shell(Stream Output, TextWriter Error, TextReader Input, TimeProvider TimeProvider)
{
    public static Shell OfProcess() => new(Console.OpenStandardOutput(), Console.Error, new StreamReader(Console.OpenStandardInput(), new UTF8Encoding(false)), TimeProvider.System);

    public void Line(string text)
    {
        Output.Write(Encoding.UTF8.GetBytes(text + "\n"));
        Output.Flush();
    }

    public void Message(string text) => Error.WriteLine($"edge: {text}");
}

namespace Edge.Host.Demo;

/// <summary>The demo cannot go on; the message is for the person.</summary>
internal sealed class DemoException(string message) : Exception(message);

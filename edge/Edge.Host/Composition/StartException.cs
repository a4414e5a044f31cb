using Edge.Log;

namespace Edge.Host.Composition;

/// <summary>The appliance cannot start; names the thing. The command line ends with 3.</summary>
internal sealed class StartException(string message, Exception? inner = null) : EdgeException(message, inner)
{
    public override bool IsTransient => false;
}

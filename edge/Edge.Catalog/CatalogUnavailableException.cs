using Edge.Log;

namespace Edge.Catalog;

/// <summary>The catalog cannot answer now: its file was moved aside and is being rebuilt, or it is stopped.</summary>
public sealed class CatalogUnavailableException(string message, Exception? inner = null) : EdgeException(message, inner)
{
    public override bool IsTransient => true;
}

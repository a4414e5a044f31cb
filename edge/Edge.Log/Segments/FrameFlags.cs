namespace Edge.Log.Segments;

[Flags]
internal enum FrameFlags : ushort
{
    None = 0,

    /// <summary>Last frame of a commit item. Recovery keeps an item up to this frame or not at all.</summary>
    EndsItem = 1,
}

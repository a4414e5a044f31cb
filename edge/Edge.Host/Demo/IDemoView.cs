namespace Edge.Host.Demo;

/// <summary>Where the person sees the run: a live screen or lines of text.</summary>
internal interface IDemoView
{
    /// <summary>A line of text, outside the live part.</summary>
    void Say(string line);

    /// <summary>Runs <paramref name="body"/> and shows the frames it gives.</summary>
    Task LiveAsync(Func<Action<DemoFrame>, Task> body);

    /// <summary>The closing audit.</summary>
    void Show(DemoVerdict verdict);
}

namespace Edge.Host.Demo;

/// <summary>One picture of the run.</summary>
/// <param name="At">Since the start.</param>
/// <param name="Phase">What is going on, in a word or two.</param>
/// <param name="Status">Null while the appliance does not answer.</param>
/// <param name="RecordsPerSecond">Records that came in, over the last second.</param>
/// <param name="Link">State of the link to the centre, in words.</param>
/// <param name="Addresses">Where to connect to, a line each.</param>
/// <param name="Events">All that happened so far, oldest first.</param>
internal sealed record DemoFrame(TimeSpan At, string Phase, DemoStatus? Status, double RecordsPerSecond, string Link, bool IsLinkUp, IReadOnlyList<string> Addresses, IReadOnlyList<string> Events);

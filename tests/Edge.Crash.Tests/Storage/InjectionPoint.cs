namespace Edge.Crash.Tests.Storage;

/// <summary>Where a system call fails: which call, with what, from the how manieth call of a thread on.</summary>
internal sealed record InjectionPoint(string Call, string Error, int From)
{
    public override string ToString() => $"{Call} {Error} from call {From} on";
}

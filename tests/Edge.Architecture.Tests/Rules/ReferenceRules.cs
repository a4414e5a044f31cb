using Edge.Architecture.Tests.Model;

namespace Edge.Architecture.Tests.Rules;

/// <summary>Who may use whom. Each rule yields a sentence a violation.</summary>
public static class ReferenceRules
{
    private const string AspNet = "Microsoft.AspNetCore";

    // What makes a listener or a container. Kestrel's connection abstractions and endpoint routing are not among it.
    private static readonly string[] HostOnly =
    [
        "System.Net.Sockets.TcpListener", "System.Net.HttpListener", "System.Net.Sockets.Socket::Listen",
        "Microsoft.AspNetCore.Builder.WebApplication", "Microsoft.AspNetCore.Builder.WebApplicationBuilder",
        "Microsoft.AspNetCore.Server.Kestrel.Core.KestrelServerOptions", "Microsoft.AspNetCore.Server.Kestrel.Core.KestrelServer",
        "Microsoft.Extensions.DependencyInjection.ServiceCollection", "Microsoft.Extensions.DependencyInjection.IServiceCollection",
        "Microsoft.Extensions.DependencyInjection.ServiceProvider", "Microsoft.Extensions.Hosting.Host", "Microsoft.Extensions.Hosting.IHost",
        "Microsoft.Extensions.Hosting.BackgroundService", "Microsoft.Extensions.Hosting.IHostedService",
    ];

    /// <summary>The project files against the table.</summary>
    public static IEnumerable<string> ProjectFiles(IEnumerable<ProjectFile> rooms)
    {
        foreach (ProjectFile project in rooms)
        {
            if (Find(project.Name) is not { } room)
            {
                yield return $"{project.Path} is a room that the table does not know.";
                continue;
            }
            foreach (string other in project.ProjectReferences.Except(room.MayReference))
                yield return $"{project.Name} references {other}; it may reference: {List(room.MayReference)}.";
            foreach (PackageReference package in project.Packages.Where(p => !room.MayUsePackages.Contains(p.Name)))
                yield return $"{project.Name} uses the package {package.Name}; it may use: {List(room.MayUsePackages)}.";
            foreach (PackageReference package in project.Packages.Where(p => p.PrivateAssets is not ("compile" or "all")))
                yield return $"{project.Name} hands the package {package.Name} on to who references it; say PrivateAssets=\"compile\".";
            foreach (string framework in project.Frameworks.Where(f => !room.MayUseAspNet || f != "Microsoft.AspNetCore.App"))
                yield return $"{project.Name} uses the framework {framework}.";
        }
    }

    /// <summary>The built assemblies against the table.</summary>
    public static IEnumerable<string> Assemblies(IEnumerable<BuiltAssembly> assemblies)
    {
        foreach (BuiltAssembly assembly in assemblies)
        {
            if (Find(assembly.Room) is not { } room) continue; // said by ProjectFiles
            foreach (string other in assembly.References)
            {
                if (other.StartsWith("Edge.", StringComparison.Ordinal) && !room.MayReference.Contains(other))
                    yield return $"{room.Name} uses the room {other}; it may use: {List(room.MayReference)}.";
                if (Room.Walls.TryGetValue(other, out string? owner) && owner != room.Name && !room.Name.StartsWith(owner + ".", StringComparison.Ordinal)) // Edge.Hardware.Bindings is behind the wall of Edge.Hardware
                    yield return $"{room.Name} uses {other}, which only {owner} may.";
                if (other.StartsWith(AspNet, StringComparison.Ordinal) && !room.MayUseAspNet)
                    yield return $"{room.Name} uses {other}; only rooms with the web framework may.";
            }
        }
    }

    /// <summary>Only the host binds listeners and has a container.</summary>
    public static IEnumerable<string> ListenersAndContainers(IEnumerable<BuiltAssembly> assemblies) =>
        from assembly in assemblies
        where assembly.Room != "Edge.Host"
        from member in assembly.Members.Intersect(HostOnly)
        select $"{assembly.Room} uses {member}, which only Edge.Host may.";

    /// <summary>Every line of the table has a project.</summary>
    public static IEnumerable<string> Complete(IEnumerable<ProjectFile> rooms) =>
        Room.All.Select(room => room.Name).Except(rooms.Select(project => project.Name)).Select(name => $"The table has {name}, which has no project.");

    private static Room? Find(string name) => Room.All.FirstOrDefault(room => room.Name == name);

    private static string List(IReadOnlyList<string> names) => names.Count == 0 ? "nothing" : string.Join(", ", names);
}

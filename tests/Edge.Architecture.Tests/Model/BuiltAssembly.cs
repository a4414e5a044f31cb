using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace Edge.Architecture.Tests.Model;

/// <summary>What a built room really uses, read from its metadata: a project file may allow more, or less.</summary>
/// <param name="Room">Project name.</param>
/// <param name="References">Names of the referenced assemblies.</param>
/// <param name="Members">Used types and members of other assemblies: "Namespace.Type" and "Namespace.Type::Member".</param>
public sealed record BuiltAssembly(string Room, IReadOnlyList<string> References, IReadOnlyList<string> Members)
{
    /// <summary>Reads the assembly of a room from the folder that the tests run in.</summary>
    public static BuiltAssembly Of(string room)
    {
        string file = Path.Combine(AppContext.BaseDirectory, (room == "Edge.Host" ? "edge" : room) + ".dll");
        using PEReader image = new(File.OpenRead(file));
        MetadataReader reader = image.GetMetadataReader();
        List<string> members = [];
        foreach (TypeReferenceHandle handle in reader.TypeReferences) members.Add(NameOf(reader, handle));
        foreach (MemberReferenceHandle handle in reader.MemberReferences)
        {
            MemberReference member = reader.GetMemberReference(handle);
            if (member.Parent.Kind == HandleKind.TypeReference)
                members.Add($"{NameOf(reader, (TypeReferenceHandle)member.Parent)}::{reader.GetString(member.Name)}");
        }
        return new BuiltAssembly(
            room,
            [.. reader.AssemblyReferences.Select(handle => reader.GetString(reader.GetAssemblyReference(handle).Name))],
            members);
    }

    private static string NameOf(MetadataReader reader, TypeReferenceHandle handle)
    {
        TypeReference type = reader.GetTypeReference(handle);
        return $"{reader.GetString(type.Namespace)}.{reader.GetString(type.Name)}";
    }
}

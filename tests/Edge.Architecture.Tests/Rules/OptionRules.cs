using System.Reflection;
using System.Runtime.CompilerServices;

namespace Edge.Architecture.Tests.Rules;

/// <summary>Rules about the records that configuration is bound to.</summary>
public static class OptionRules
{
    /// <summary>The source-generated binder of a native build skips init-only properties without a word: options have setters.</summary>
    public static IEnumerable<string> InitOnly(IEnumerable<Type> types) =>
        from type in types
        where type.Name.EndsWith("Options", StringComparison.Ordinal) && type is { IsClass: true } && !(type.IsAbstract && type.IsSealed)
        from property in type.GetProperties(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.DeclaredOnly)
        where property.SetMethod is { } setter && setter.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit))
        select $"{type.FullName}.{property.Name} is init-only; options have setters.";
}

using System.Net.NetworkInformation;

namespace Edge.CloudSync.Forwarding;

/// <summary>What tells one board from another: its serial number, else its first network address.</summary>
internal static class HardwareIdentity
{
    private const string SerialFile = "/sys/firmware/devicetree/base/serial-number";

    public static string Read()
    {
        try
        {
            if (File.Exists(SerialFile) && File.ReadAllText(SerialFile).Trim('\0', ' ', '\n') is { Length: > 0 and <= 64 } serial) return serial;
            return NetworkInterface.GetAllNetworkInterfaces()
                .Where(card => card.NetworkInterfaceType is NetworkInterfaceType.Ethernet or NetworkInterfaceType.Wireless80211 && card.GetPhysicalAddress().GetAddressBytes().Length == 6)
                .OrderBy(card => card.Name, StringComparer.Ordinal).Select(card => card.GetPhysicalAddress().ToString()).FirstOrDefault() ?? "";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NetworkInformationException)
        {
            return ""; // unknown is never compared
        }
    }
}

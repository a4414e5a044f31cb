using System.Globalization;

namespace Edge.Catalog.Store;

/// <summary>Keys of the internal table <c>__catalog</c>.</summary>
internal static class CatalogKeys
{
    public const string Table = "__catalog", Device = "device/", Route = "route/", Sensor = "sensor/", User = "user/";

    public static string ForDevice(string clientId) => Device + clientId;

    public static string ForRoute(int index) => Route + index.ToString(CultureInfo.InvariantCulture);

    public static string ForSensor(string name) => Sensor + name;
}

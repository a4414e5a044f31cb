namespace Edge.Fuzz.Tests.Mqtt;

/// <summary>Makes packets that are nearly right: bytes changed, cut, doubled, lengths that lie, pieces of others. From a seed.</summary>
internal sealed class PacketMutator(Random random)
{
    private static readonly byte[] Interesting = [0, 1, 2, 0x0b, 0x10, 0x11, 0x20, 0x26, 0x7f, 0x80, 0xbf, 0xc0, 0xed, 0xf8, 0xff];

    /// <summary>Valid packets of both versions, as hexadecimal text.</summary>
    private static readonly byte[][] Corpus = [.. new[]
    {
        "100d00044d5154540402003c000163", "101000044d5154540502003c03210009000163", "102000044d5154540506003c00000163030200000a00017700017811000175000170",
        "101c00044d51545404ee003c000163000177000178000175000170", "100f00064d51497364700302003c000163",
        "3006000174787878", "3208000174000178787878", "340800017400017878", "3d0800017400027878787878", "31030001740a", "3300", "30080001740026000141000142",
        "320c00017400050323000161626364", "320e000174000600026162", "3413000174000708020000000a230001260000000078",
        "40020001", "40030001 10", "50020001", "620200016202", "62020001", "70020001", "4004000100 00", "5006000180 03 1f0000",
        "8206000100017400", "8207000200 000174 02", "820a0003020b05000161 01", "8216000400 000f2473686172652f672f612f2b2f23 01", "821a000500 00132472 65706c61792f6561726c696573742f2b 01",
        "8209000600 000424535953 01", "a2050007000174", "a206000800 000174", "c000", "e000", "e00100", "e0020400", "e00700051100000000", "f000", "f0021800", "20020000", "d000", "0000",
    }.Select(static hex => Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal)))];

    /// <summary>A CONNECT that is taken, so that what follows is read.</summary>
    public byte[] GoodConnect(int client)
    {
        bool v5 = random.Next(2) == 0, keeps = random.Next(4) == 0;
        byte[] id = System.Text.Encoding.ASCII.GetBytes($"fuzz{client}");
        byte[] properties = !v5 ? [] : keeps ? [5, 0x11, 0, 0, 0, 60] : [0];
        return [0x10, (byte)(12 + properties.Length + id.Length), 0, 4, .. "MQTT"u8, (byte)(v5 ? 5 : 4), (byte)(keeps ? 0 : 2), 0, 60, .. properties, 0, (byte)id.Length, .. id];
    }

    public byte[] Next()
    {
        List<byte> packet = [.. Corpus[random.Next(Corpus.Length)]];
        int changes = random.Next(4); // none: a good packet at a wrong time
        for (int i = 0; i < changes; i++) Change(packet);
        if (packet.Count > 1 && random.Next(3) > 0 && packet.Count < 130) packet[1] = (byte)(packet.Count - 2); // most lengths are right, so that what is behind them is looked at
        return [.. packet];
    }

    private void Change(List<byte> packet)
    {
        int at = packet.Count == 0 ? 0 : random.Next(packet.Count);
        switch (random.Next(8))
        {
            case 0 when packet.Count > 0: packet[at] ^= (byte)(1 << random.Next(8)); break;
            case 1 when packet.Count > 0: packet[at] = Interesting[random.Next(Interesting.Length)]; break;
            case 2 when packet.Count > 0: packet[at] = (byte)random.Next(256); break;
            case 3: packet.Insert(at, (byte)random.Next(256)); break;
            case 4 when packet.Count > 1: packet.RemoveAt(at); break;
            case 5 when packet.Count > 2: packet.RemoveRange(at, packet.Count - at); break;
            case 6 when packet.Count > 0: packet.InsertRange(at, packet.GetRange(at, Math.Min(packet.Count - at, random.Next(1, 8)))); break;
            default:
                byte[] other = Corpus[random.Next(Corpus.Length)];
                packet.AddRange(other.AsSpan(random.Next(other.Length)));
                break;
        }
        if (packet.Count == 0) packet.Add(0xc0);
    }
}

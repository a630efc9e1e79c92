using System.Net;
using Capstan.LocalCluster.ApiServer.Catalog;
using Capstan.LocalCluster.Storage;
using Capstan.Yaml;

namespace Capstan.LocalCluster.ApiServer.Objects;

/// <summary>Hands out cluster addresses and node ports (30000–32767) to Services; each at most once.</summary>
internal sealed class ServiceAddresses
{
    private const int FirstPort = 30_000;
    private const int Ports = 2_768;
    private const int Addresses = 65_534;

    private readonly ServiceRange _range;
    private readonly Lock _gate = new();
    private readonly Dictionary<string, string> _taken = new(StringComparer.Ordinal);
    private int _nextAddress = 10;
    private int _nextPort;

    public ServiceAddresses(ObjectStore store, ServiceRange range)
    {
        _range = range;
        foreach (var service in store.Snapshot("services").Table.In(null))
        {
            foreach (var value in Values(service.Tree))
            {
                _taken[value] = Owner(service.Tree);
            }
        }
    }

    /// <summary>The Service with the addresses that it needs and has not named itself.</summary>
    public YamlMap Assign(ServedResource resource, YamlMap service)
    {
        lock (_gate)
        {
            var type = service.Text("spec", "type");
            var wanted = service.Text("spec", "clusterIP");
            if (type != "ExternalName" && wanted != "None")
            {
                var address = wanted.Length > 0 ? Claim(resource, service, wanted) : NextAddress();
                service = service.WithAt(["spec", "clusterIP"], address).WithAt(["spec", "clusterIPs"], YamlList.Create([address]));
            }

            if (type is "NodePort" or "LoadBalancer")
            {
                service = service.Change("spec", spec => spec.ChangeEach("ports", port =>
                    port.Number("nodePort") is > 0 and { } fixedPort ? Keep(resource, service, port, fixedPort) : port.With("nodePort", NextPort())));
            }

            foreach (var value in Values(service))
            {
                _taken[value] = Owner(service);
            }

            return service;
        }
    }

    public void Release(YamlMap service)
    {
        lock (_gate)
        {
            foreach (var value in Values(service))
            {
                if (_taken.GetValueOrDefault(value) == Owner(service))
                {
                    _taken.Remove(value);
                }
            }
        }
    }

    private static string Owner(YamlMap service) => $"{service.Text("metadata", "namespace")}/{service.Text("metadata", "name")}";

    private static IEnumerable<string> Values(YamlMap service)
    {
        if (service.Text("spec", "clusterIP") is { Length: > 0 } address and not "None")
        {
            yield return address;
        }

        foreach (var port in service.Maps("spec", "ports"))
        {
            if (port.Number("nodePort") is > 0 and { } number)
            {
                yield return PortKey(number);
            }
        }
    }

    private static string PortKey(long port) => $":{port}";

    private string Claim(ServedResource resource, YamlMap service, string address)
    {
        var name = service.Text("metadata", "name");
        if (!IPAddress.TryParse(address, out _))
        {
            throw ApiErrors.Invalid(resource, name, [FieldProblem.Invalid("spec.clusterIPs", YamlList.Create([address]), "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)")]);
        }

        return _taken.GetValueOrDefault(address, Owner(service)) == Owner(service) ? address
            : throw ApiErrors.Invalid(resource, name, [FieldProblem.Invalid("spec.clusterIPs", YamlList.Create([address]), "failed to allocate IP " + address + ": provided IP is already allocated")]);
    }

    private YamlMap Keep(ServedResource resource, YamlMap service, YamlMap port, long number) =>
        _taken.GetValueOrDefault(PortKey(number), Owner(service)) == Owner(service) ? port
            : throw ApiErrors.Invalid(resource, service.Text("metadata", "name"), [FieldProblem.Invalid("spec.ports[0].nodePort", number, "provided port is already allocated")]);

    private string NextAddress()
    {
        for (var tried = 0; tried < Addresses; tried++)
        {
            _nextAddress = _nextAddress % Addresses + 1;
            var address = _range.Address(_nextAddress).ToString();
            if (!_taken.ContainsKey(address))
            {
                return address;
            }
        }

        throw ApiErrors.Internal("failed to allocate a serviceIP: range is full");
    }

    private long NextPort()
    {
        for (var tried = 0; tried < Ports; tried++)
        {
            var port = FirstPort + _nextPort++ % Ports;
            if (_taken.TryAdd(PortKey(port), ""))
            {
                return port;
            }
        }

        throw ApiErrors.Internal("failed to allocate a nodePort: range is full");
    }
}

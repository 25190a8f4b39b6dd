/** The pretend world: every port of the real control plane, and people in front of it. */
import { Prng } from "#base/prng.ts";
import type { ControlPlane } from "#control/control-plane-api.ts";
import type { PlanOptions } from "#core/environment/plan-environment.ts";
import type { OperatorCommand } from "#core/operations/command.ts";
import type { Policy } from "#core/policy.ts";
import type { Ops } from "#ops/ops-ports.ts";
import type { Components } from "#ports/components.ts";
import type { Log } from "#ports/log.ts";
import type { OperatorDoor } from "#ports/operator.ts";
import type { Drill } from "../drill/drill.ts";
import { DRILL_PERSON } from "../drill/measures-actions.ts";
import { Crowd } from "../people/crowd.ts";
import type { PeoplesDoor } from "../people/person.ts";
import { ApiServer } from "./api-server.ts";
import { beginSessions, keepBuilt } from "./beginning.ts";
import { BuildGauge } from "./build-gauge.ts";
import { PretendBuilds } from "./builds.ts";
import { PretendCluster } from "./cluster.ts";
import { clusterPort } from "./cluster-port.ts";
import type { WorldContext } from "./context.ts";
import { ControlHost } from "./control-host.ts";
import { FailoverGauge } from "./failover-gauge.ts";
import { EdgeFleet } from "./edge-fleet.ts";
import { Gauges } from "./gauges.ts";
import { Invariants } from "./invariants.ts";
import { PretendHistory } from "./history.ts";
import { PretendLeaseStore } from "./lease-store.ts";
import { LoadGauge } from "./load-gauge.ts";
import type { Pod } from "./node.ts";
import { openPlatform, type OwnDoors } from "./open-platform.ts";
import {
  canaryDoor,
  openOps,
  operatorDoor,
  type PretendCanaryDoor,
  quotasPort,
} from "./ops-host.ts";
import type { Platform } from "./platform.ts";
import { PretendSecrets } from "./pretend-secrets.ts";
import { Recorder } from "./recorder.ts";
import { sampleEachMinute } from "./samples.ts";
import { PretendRepos } from "./repos.ts";
import { PretendSessions } from "./sessions.ts";
import { VirtualClock } from "./virtual-clock.ts";
import { watchedCluster, watchedDoor, watchedQuotas } from "./watched-ports.ts";

const silent = () => undefined;
const LOG: Log = { debug: silent, info: silent, warn: silent, error: silent };

export class World {
  readonly context: WorldContext;
  readonly drill: Drill;
  readonly policy: Policy;
  readonly api: ApiServer;
  readonly cluster: PretendCluster;
  readonly sessions: PretendSessions;
  readonly builds: PretendBuilds;
  readonly repos = new PretendRepos();
  readonly history: PretendHistory;
  readonly ops: Ops;
  readonly platform: Platform;
  readonly edge: EdgeFleet;
  readonly control: ControlHost;
  readonly crowd: Crowd;
  readonly invariants: Invariants;
  readonly door: PeoplesDoor;
  /** Of the control plane that decides. */
  readonly operator: OperatorDoor;
  readonly #secrets: PretendSecrets;
  readonly #failovers: FailoverGauge;
  readonly #canary: PretendCanaryDoor;
  readonly commands: OperatorCommand[] = [];
  #builder = "v1";

  constructor(drill: Drill, policy: Policy, seed: number) {
    const { cluster, edge } = drill.world;
    const prng = new Prng(`${drill.name}/${seed}`);
    const clock = new VirtualClock(drill.starts.atMs);
    this.context = { clock, prng, recorder: new Recorder() };
    this.drill = drill;
    this.policy = policy;
    this.invariants = new Invariants(this.context, policy, drill.starts);
    this.api = new ApiServer(this.context);
    this.history = new PretendHistory(this.context.recorder);
    this.cluster = new PretendCluster(this.context, {
      nodes: cluster.nodes,
      seatsPerNode: cluster.seatsPerNode,
      nodesMax: cluster.nodesMax,
      nodeBootMs: cluster.nodeBootMs,
      nodeIdleMs: cluster.nodeIdleMs,
      imagePullMs: cluster.imagePullMs,
      isExact: cluster.isExact,
      sessionStartMs: cluster.sessionStartMs,
      spreading: cluster.scheduler,
      isGated: policy.nodeGateProbes > 0,
    });
    this.sessions = new PretendSessions(this.context, this.cluster, this.api, {
      endThemselves: Number.isFinite(policy.sessionAgeMs),
      made: (purpose) => this.invariants.sessionMade(purpose),
    });
    this.cluster.lost = (pod, node) => this.#lostPod(pod, node);
    if (drill.world.images.areCached) {
      for (const node of this.cluster.nodes.values()) node.hasEveryImage = true;
    }
    this.builds = new PretendBuilds(this.context, drill.world, policy);
    if (drill.world.builds.areLogsOfCluster)
      this.builds.areLogsRead = () => this.cluster.areLogsReached;
    this.cluster.pullMs = (image) => this.builds.pullMsOf(image) ?? cluster.imagePullMs;
    this.builds.made = (key) => this.cluster.newImages.add(key);
    this.builds.changed = (isSecond) =>
      this.invariants.buildsRun(isSecond, this.builds.running.size, policy.buildsMax);
    const before = { ...edge, lookMs: policy.edgeLookIntervalMs };
    const answers = (id: string) => this.sessions.answers(id);
    this.edge = new EdgeFleet(this.context, this.cluster, before, answers);
    this.#secrets = new PretendSecrets(prng.fork("secrets"));
    this.control = this.#controlHost();
    const own = this.#ownDoors();
    this.#canary = own.canary;
    this.platform = openPlatform(this, own);
    const { extra, federation, flood } = this.platform;
    this.door = federation?.door ?? own.door;
    this.crowd = this.#openCrowd(own.load);
    const { api, builds, components, context, control, door, sessions } = this;
    this.operator = {
      ...own.operator,
      status: async () => flood.poison(await own.operator.status()),
    };
    const plane = () => this.plane;
    this.#failovers = new FailoverGauge({ context, history: this.history, plane });
    void new Gauges({ context, api, sessions, plane });
    void new BuildGauge({ context, builds, slots: policy.buildsMax, plane });
    this.ops = openOps(
      {
        ...{ api, builds, components, context, control, door, sessions },
        ...{ log: LOG, extra, canary: own.canary, quotas: federation?.quotas ?? own.quotas },
        operatorDoor: this.operator,
      },
      policy,
    );
  }

  /** Everything is set up and nobody has come yet. */
  async begin(): Promise<void> {
    this.invariants.begin(this);
    keepBuilt(this);
    await beginSessions(this, () => this.#secrets.next());
    this.control.start();
    this.ops.start();
    this.platform.start();
    sampleEachMinute(this);
  }

  get plane(): ControlPlane | null {
    return this.control.plane;
  }

  readonly components: Components = {
    list: async () => [...this.control.list(), ...this.edge.list()],
    restart: async (name) => {
      const before = this.sessions.alive;
      if (!this.edge.restart(name)) this.control.restart(name);
      this.invariants.restarted(before, this.sessions.alive);
      this.invariants.done({ kinds: ["restart-component"], subject: name });
    },
    surge: async (role, avoidNodes) => {
      if (role === "edge") this.edge.add(avoidNodes);
      else this.control.surge(avoidNodes);
      this.invariants.done({ kinds: ["surge-component"], subject: role });
    },
  };

  /** A person gives a command; what it did is in the audit. */
  command(command: OperatorCommand): void {
    const person = { kind: "person", name: DRILL_PERSON } as const;
    this.commands.push(command);
    void this.ops.execute(command, person, "a person's judgement");
  }

  /** Useless stops per hour that the culler asks for, each answered by an error. */
  floodCuller(perHour: number): void {
    this.sessions.culler.isRefused = perHour > 0;
  }

  /** Another version of the builder: every key is another one. */
  bumpBuilder(version: string): void {
    this.#builder = version;
    this.builds.bump();
    this.control.crashLeader();
  }

  planOptions(): PlanOptions {
    return {
      platform: `linux-x86_64-${this.#builder}`,
      pythons: ["3.12.0"],
      genericServer: { jupyterlab: "4.4.0" },
      maxConfigFileBytes: this.policy.maxConfigFileBytes,
    };
  }

  #openCrowd(load: LoadGauge): Crowd {
    const { context, door, drill, sessions } = this;
    const { edge, sessions: spec } = drill.world;
    return new Crowd({
      ...{ context, door, length: spec.length },
      use: (sessionId, untilMs) => sessions.use(sessionId, untilMs),
      askInVain: edge.isEndedForControl ? () => load.asked() : null,
    });
  }

  #controlHost(): ControlHost {
    const { context } = this;
    return new ControlHost(
      {
        context,
        cluster: this.cluster,
        lease: new PretendLeaseStore(this.context),
        ports: {
          source: this.repos.source,
          builder: this.builds.builder,
          driver: this.sessions.driver,
          edge: this.edge.port,
          cluster: watchedCluster(
            clusterPort({ context, cluster: this.cluster, api: this.api }),
            this.cluster,
            this.invariants,
          ),
          machine: { freeMemoryBytes: async () => 1e12, freeDiskBytes: async () => 1e12 },
          history: this.history,
          components: this.components,
          secrets: { id: () => this.#secrets.next(), token: () => this.#secrets.next() },
          clock: context.clock,
          log: LOG,
        },
        options: () => ({
          policy: this.policy,
          planOptions: this.planOptions(),
          publicUrl: "https://bindery.example/",
        }),
        serving: (plane) => this.#serving(plane),
      },
      this.drill.world.control.replicas,
    );
  }

  /** Of this cluster, past the door in front of several. */
  #ownDoors(): OwnDoors & { readonly canary: PretendCanaryDoor; readonly load: LoadGauge } {
    const { api, context, control, sessions } = this;
    const lags = (lagMs: number) => {
      const incarnation = control.leaderReplica?.incarnation;
      if (incarnation !== null && incarnation !== undefined) incarnation.lagMs = lagMs;
    };
    const load = new LoadGauge({ context, lags });
    const door = watchedDoor(load.counted(this.#peoplesDoor()), this.invariants);
    return {
      door,
      load,
      canary: canaryDoor({ context, control, door, sessions }, this.policy),
      operator: operatorDoor(control),
      quotas: watchedQuotas(quotasPort({ api, sessions }), this.invariants),
      log: LOG,
    };
  }

  #peoplesDoor(): PeoplesDoor {
    return {
      submit: (wish) => {
        const outcome = this.plane?.isReady() === true ? this.plane.launches.submit(wish) : null;
        if (outcome?.kind === "accepted" && outcome.isNew) this.control.noteLaunch();
        return outcome;
      },
      watch: (id, after, watcher) => this.plane?.launches.watch(id, after, watcher) ?? null,
      cancel: (id) => void this.plane?.launches.cancel(id),
      attempts: (id) => this.plane?.launches.get(id)?.attempts ?? null,
    };
  }

  #serving(plane: ControlPlane): void {
    this.#failovers.serving(plane);
    this.invariants.serving();
    this.crowd.reconnect();
    this.#canary.reconnect();
  }

  #lostPod(pod: Pod, node: string): void {
    if (pod.role === "edge") this.edge.lostPod(pod);
    else if (pod.role === "core") this.control.lostPod(pod);
    else this.sessions.podLost(pod, node);
  }
}

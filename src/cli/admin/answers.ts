import type { AttemptPurpose, ResumeMethod } from '../../spec/attempt.ts';
import type { CircuitState } from '../../spec/event.ts';

/** Answers of the admin API as its OpenAPI document describes them, as far as commands read them. */
export interface KeyAnswer {
  readonly id: string;
  readonly name: string;
  readonly role: string;
  readonly hint: string;
  readonly models: readonly string[] | null;
  readonly direct_targets: boolean;
  readonly tags: readonly string[];
  readonly created_at: string;
  readonly expires_at: string | null;
  readonly revoked_at: string | null;
}

export interface IssuedKeyAnswer {
  readonly key: KeyAnswer;
  readonly plain: string;
}

export interface AttemptAnswer {
  readonly number: number;
  readonly target: string;
  readonly purpose: AttemptPurpose;
  readonly resume: ResumeMethod | null;
  readonly started_at: string;
  readonly head_ms: number | null;
  readonly first_token_ms: number | null;
  readonly duration_ms: number;
  readonly outcome: 'answered' | 'failed';
  readonly error: {
    readonly kind: string;
    readonly message: string;
    readonly status: number | null;
    readonly after_content: boolean;
  } | null;
  readonly cost_usd: string | null;
}

export interface RequestAnswer {
  readonly id: string;
  readonly started_at: string;
  readonly duration_ms: number;
  readonly overhead_ms: number;
  readonly first_token_ms: number | null;
  readonly protocol: string;
  readonly operation: string;
  readonly model: string | null;
  readonly key_id: string | null;
  readonly tags: readonly string[];
  readonly stream: boolean;
  readonly status: number;
  readonly error: { readonly kind: string; readonly message: string } | null;
  readonly target: string | null;
  readonly route_reason: string | null;
  readonly finish: string | null;
  readonly usage: { readonly [name: string]: number | string | null } | null;
  readonly cost_usd: string | null;
  readonly attempts: readonly AttemptAnswer[];
  readonly warnings: readonly { readonly code: string; readonly field: string; readonly message: string }[];
}

export interface RequestsAnswer {
  readonly requests: readonly RequestAnswer[];
  readonly next_cursor: string | null;
}

export interface DrillAnswer {
  readonly id: string;
  readonly provider: string;
  readonly fault: string;
  readonly share: number;
  readonly started_at: string;
  readonly until: string;
  readonly ended_at: string | null;
  readonly ending: string | null;
  readonly report: DrillReportAnswer;
}

export interface DrillReportAnswer {
  readonly requests: number;
  readonly provider_calls: number;
  readonly broken_calls: number;
  readonly met: number;
  readonly failed_over: number;
  readonly resumed: number;
  readonly recovered: number;
  readonly lost: number;
  readonly unavoidable: number;
  readonly left: number;
  readonly under_way: number;
  readonly failed_besides: number;
  readonly added_ms: { readonly p50: number; readonly p99: number; readonly max: number } | null;
  readonly targets: readonly {
    readonly target: string;
    readonly answered: number;
    readonly failed: number;
  }[];
  readonly circuits: readonly {
    readonly at: string;
    readonly target: string;
    readonly from: string;
    readonly to: string;
    readonly reason: string;
  }[];
  readonly circuit_changes: number;
  readonly verdict: string;
}

export interface HealthReportAnswer {
  readonly timestamp: string;
  readonly status: 'healthy' | 'degraded' | 'down';
  readonly healthy: number;
  readonly total: number;
  readonly summary: string;
  readonly models: readonly ModelHealthAnswer[];
}

export interface ModelHealthAnswer {
  readonly model: string;
  readonly healthy: boolean;
  readonly last_check: string | null;
  readonly consecutive_failures: number;
  readonly targets: readonly TargetHealthAnswer[];
}

export interface TargetHealthAnswer {
  readonly target: string;
  readonly healthy: boolean;
  readonly state: CircuitState;
  readonly last_check: string | null;
  readonly consecutive_failures: number;
  readonly last_error: string | null;
  readonly open_until: string | null;
  readonly parked_until: string | null;
  readonly in_flight: number;
  readonly concurrency_limit: number | null;
  readonly first_token_ms: { readonly p50: number; readonly p95: number; readonly p99: number } | null;
  readonly tokens_per_second: number | null;
}

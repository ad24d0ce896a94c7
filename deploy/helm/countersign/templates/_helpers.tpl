{{- define "countersign.selectorLabels" -}}
app.kubernetes.io/name: countersign
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .service }}
{{- end }}

{{- define "countersign.labels" -}}
{{ include "countersign.selectorLabels" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
{{- end }}

{{- define "countersign.commonLabels" -}}
app.kubernetes.io/name: countersign
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}

{{- define "countersign.image" -}}
{{- $digest := index .root.Values.image.digests .service -}}
{{- if $digest -}}
{{ .root.Values.image.repository }}/countersign-{{ .service }}@{{ $digest }}
{{- else -}}
{{ .root.Values.image.repository }}/countersign-{{ .service }}:{{ .root.Values.image.tag | default .root.Chart.AppVersion }}
{{- end -}}
{{- end }}

{{- define "countersign.issuersConfigMap" -}}
{{ .Values.issuersConfigMap | default (printf "%s-issuers" .Release.Name) }}
{{- end }}

{{- define "countersign.policiesConfigMap" -}}
{{ .Values.policiesConfigMap | default (printf "%s-policies" .Release.Name) }}
{{- end }}

{{- define "countersign.publicKeysConfigMap" -}}
{{ .Values.publicKeysConfigMap | default (printf "%s-public-keys" .Release.Name) }}
{{- end }}

{{- define "countersign.slackCalls" -}}
{{- range $at, $workspace := .Values.notification.slack.settings.workspaces }}{{ if $workspace.signingSecretFile }}yes{{ end }}{{ end }}
{{- end }}

{{- define "countersign.channels" -}}
{{- range $kind, $channel := dict "slack" .Values.notification.slack "teams" .Values.notification.teams }}
{{- if or $channel.settings $channel.existingSecret }}
{{- if not (and $channel.settings $channel.existingSecret) }}
{{- fail (printf "Give both notification.%s.settings and notification.%s.existingSecret, or neither." $kind $kind) }}
{{- end }}
{{- if regexMatch "(?m:^[ -]*(botToken|signingSecret|appToken|clientSecret|privateKey):)|xox[a-z]-[0-9]|xapp-[0-9]|PRIVATE KEY" (toYaml $channel.settings) }}
{{- fail (printf "A secret stands in notification.%s.settings, which everybody may read who reads ConfigMaps. Put it into existingSecret, and name its file." $kind) }}
{{- end }}
{{ $kind }}.yaml: |
  {{- toYaml $channel.settings | nindent 2 }}
{{- end }}
{{- end }}
{{- end }}

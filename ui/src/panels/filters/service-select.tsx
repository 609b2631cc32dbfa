import type { ReactElement } from "react";
import { useQuery } from "@tanstack/react-query";
import { servicesQuery, serviceSteps } from "../../client/queries.ts";
import { SelectField } from "../../design/controls.tsx";
import { serviceColour } from "../../design/service-colour.ts";
import type { TimeRange } from "../../url/time.ts";

interface ServiceSelectProps {
  readonly range: TimeRange;
  readonly value: string;
  readonly onChange: (service: string) => void;
}

/** The services of the window. One that the address names stays choosable though the window does not have it. */
export function ServiceSelect(props: ServiceSelectProps): ReactElement {
  const { range, value, onChange } = props;
  const services = useQuery(servicesQuery({ ...range, steps: serviceSteps }));
  const names = (services.data?.items ?? []).map((service) => service.name);
  const all = value === "" || names.includes(value) ? names : [value, ...names];
  return (
    <SelectField
      label="Service"
      value={value}
      choices={[
        { id: "", name: "All services" },
        ...all.map((name) => ({ id: name, name, colour: serviceColour(name) })),
      ]}
      onChange={onChange}
    />
  );
}

import type { ReactElement } from "react";
import type { MetricAnswer } from "../../../../src/api/explore/wire.ts";
import { Dot } from "../../design/controls.tsx";
import type { ChartLine } from "../../panels/charts/line-chart.tsx";
import { addFilter, printFilter } from "../../url/attribute-filter.ts";
import { useAdjust, usePageSearch } from "../../url/location.ts";
import { lineFigures } from "../../panels/metrics/model.ts";

interface LineTableProps {
  readonly answer: MetricAnswer;
  readonly lines: readonly ChartLine[];
  readonly format: (value: number) => string;
  readonly onFocusLine: (index: number | undefined) => void;
}

/** Legend and figures in one: a row stresses its line, its name filters to it. */
export function LineTable(props: LineTableProps): ReactElement {
  const { answer, lines, format, onFocusLine } = props;
  const search = usePageSearch("metrics");
  const adjust = useAdjust("metrics");
  const show = (value: number | undefined): string => (value === undefined ? "–" : format(value));
  return (
    <div className="card table-card">
      <table className="table" onMouseLeave={() => onFocusLine(undefined)}>
        <thead>
          <tr>
            <th scope="col">{search.groupBy === "" ? "Series" : search.groupBy}</th>
            <th scope="col" className="right">
              Last
            </th>
            <th scope="col" className="right">
              Average
            </th>
            <th scope="col" className="right">
              Highest
            </th>
          </tr>
        </thead>
        <tbody>
          {answer.lines.map((line, i) => {
            const figures = lineFigures(line);
            const canFilter = search.groupBy !== "" && line.group !== "";
            return (
              <tr key={line.group} onMouseEnter={() => onFocusLine(lines.length > 1 ? i : undefined)}>
                <th scope="row">
                  <span className="service-name">
                    <Dot colour={`var(${lines[i]?.token ?? "--accent"})`} />
                    {canFilter ? (
                      <button
                        type="button"
                        className="line-name ellipsis"
                        title={`Only ${search.groupBy} = ${line.group}`}
                        onFocus={() => onFocusLine(i)}
                        onBlur={() => onFocusLine(undefined)}
                        onClick={() =>
                          adjust({
                            attr: addFilter(
                              search.attr,
                              printFilter({ key: search.groupBy, operator: "=", value: line.group }),
                            ),
                          })
                        }
                      >
                        {lines[i]?.name}
                      </button>
                    ) : (
                      <span className="ellipsis">{lines[i]?.name}</span>
                    )}
                  </span>
                </th>
                <td className="right number">{show(figures.last)}</td>
                <td className="right number soft">{show(figures.average)}</td>
                <td className="right number soft">{show(figures.max)}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}
